//! Thin, safe wrappers over the system calls the sandbox is made of.
//!
//! Each takes Rust types, makes one call and returns `io::Result`. Nothing here knows what a sandbox is.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libc::{c_int, c_long, c_ulong};

pub(crate) mod fds;

/// Turns the C convention (-1 and errno) into a `Result`.
pub(crate) fn check(ret: c_long) -> io::Result<c_long> {
    if ret < 0 { Err(io::Error::last_os_error()) } else { Ok(ret) }
}

/// A path as a C string; a NUL inside is `EINVAL`, as the kernel could not be told of it.
pub(crate) fn c_path(path: &Path) -> io::Result<CString> {
    c_bytes(path.as_os_str().as_bytes())
}

pub(crate) fn c_bytes(bytes: &[u8]) -> io::Result<CString> {
    CString::new(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

pub(crate) fn mount(
    source: Option<&Path>,
    target: &Path,
    kind: Option<&CStr>,
    flags: c_ulong,
    data: Option<&CStr>,
) -> io::Result<()> {
    let source = source.map(c_path).transpose()?;
    let target = c_path(target)?;
    let ptr = |s: Option<&CStr>| s.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: every pointer is null or a NUL-terminated string that outlives the call.
    let ret = unsafe {
        libc::mount(
            ptr(source.as_deref()),
            target.as_ptr(),
            ptr(kind),
            flags,
            ptr(data).cast::<libc::c_void>(),
        )
    };
    check(ret.into()).map(drop)
}

pub(crate) fn umount_detached(target: &Path) -> io::Result<()> {
    let target = c_path(target)?;
    // SAFETY: `target` is a NUL-terminated string that outlives the call.
    check(unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) }.into()).map(drop)
}

const MOUNT_ATTR_RDONLY: u64 = 1;
const MOUNT_ATTR_NOSUID: u64 = 2;
const MOUNT_ATTR_NODEV: u64 = 4;
const AT_RECURSIVE: c_int = 0x8000;

#[repr(C)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Makes the mount at `target` and all mounts below it read-only, nosuid and nodev (Linux 5.12).
pub(crate) fn mount_seal_tree(target: &Path) -> io::Result<()> {
    let target = c_path(target)?;
    let attr = MountAttr {
        attr_set: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the path is NUL-terminated, `attr` is a `struct mount_attr` of the size passed; both outlive the call.
    let ret = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            target.as_ptr(),
            AT_RECURSIVE | libc::AT_SYMLINK_NOFOLLOW,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    check(ret).map(drop)
}

/// The `MS_*` flags that the mount at `path` has now and that a remount has to repeat.
pub(crate) fn mount_flags(path: &Path) -> io::Result<c_ulong> {
    let path = c_path(path)?;
    let mut stat = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: `path` is NUL-terminated and `stat` has room for the answer.
    check(unsafe { libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) }.into())?;
    // SAFETY: statvfs succeeded, so it filled the structure.
    let flags = unsafe { stat.assume_init() }.f_flag;
    let kept = libc::ST_NOSUID | libc::ST_NODEV | libc::ST_NOEXEC | libc::ST_NOATIME | libc::ST_NODIRATIME;
    Ok((flags & kept) | if flags & libc::ST_RELATIME != 0 { libc::MS_RELATIME } else { 0 })
}

pub(crate) fn unshare(flags: c_int) -> io::Result<()> {
    // SAFETY: no pointers; the callers are single-threaded processes.
    check(unsafe { libc::unshare(flags) }.into()).map(drop)
}

/// Makes the working directory the root and detaches the former root from this mount namespace.
pub(crate) fn pivot_into_cwd() -> io::Result<()> {
    let dot = c".";
    // SAFETY: both arguments are the same static NUL-terminated string.
    check(unsafe { libc::syscall(libc::SYS_pivot_root, dot.as_ptr(), dot.as_ptr()) })?;
    umount_detached(Path::new("."))?;
    std::env::set_current_dir("/")
}

pub(crate) fn set_hostname(name: &[u8]) -> io::Result<()> {
    // SAFETY: the pointer and length describe `name`.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into()).map(drop)
}

pub(crate) fn prctl(option: c_int, arg2: c_ulong, arg3: c_ulong) -> io::Result<c_int> {
    // SAFETY: only options with integer arguments are used in this crate.
    let ret = unsafe { libc::prctl(option, arg2, arg3, 0 as c_ulong, 0 as c_ulong) };
    check(ret.into())?;
    Ok(ret)
}

/// Sets a limit, lowered to the present hard limit where that is smaller (raising needs CAP_SYS_RESOURCE).
pub(crate) fn set_rlimit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `now` has room for the answer.
    check(unsafe { libc::getrlimit(resource, &raw mut now) }.into())?;
    let value = value.min(now.rlim_max);
    let new = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: `new` is a complete rlimit structure.
    check(unsafe { libc::setrlimit(resource, &raw const new) }.into()).map(drop)
}

/// Becomes user `uid` and group `gid` (real, effective, saved) of the present user namespace.
pub(crate) fn set_ids(uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: no pointers. The raw calls are used because this process has one thread.
    check(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) }).map(drop)
}

/// Effective user and group id, in the present user namespace.
pub(crate) fn ids() -> (u32, u32) {
    // SAFETY: neither call has preconditions.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

pub(crate) fn drop_groups() -> io::Result<()> {
    // SAFETY: an empty list needs no memory behind the pointer.
    check(unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) }).map(drop)
}

#[repr(C)]
struct CapHeader {
    version: u32,
    pid: c_int,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CapData {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

const CAP_VERSION_3: u32 = 0x2008_0522;

fn cap_call(number: c_long, data: &mut [CapData; 2]) -> io::Result<()> {
    let mut header = CapHeader { version: CAP_VERSION_3, pid: 0 };
    // SAFETY: version 3 reads and writes exactly two CapData; both structures outlive the call.
    check(unsafe { libc::syscall(number, &raw mut header, data.as_mut_ptr()) }).map(drop)
}

/// Makes every permitted capability effective (setresuid clears the effective ones).
pub(crate) fn raise_permitted_caps() -> io::Result<()> {
    let mut data = [CapData { effective: 0, permitted: 0, inheritable: 0 }; 2];
    cap_call(libc::SYS_capget, &mut data)?;
    for word in &mut data {
        word.effective = word.permitted;
    }
    cap_call(libc::SYS_capset, &mut data)
}

/// Empties the bounding, ambient, inheritable, permitted and effective sets, for good.
pub(crate) fn drop_all_caps() -> io::Result<()> {
    for cap in 0..64 {
        match prctl(libc::PR_CAPBSET_DROP, cap, 0) {
            Ok(_) => {}
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) && cap > 0 => break, // past the last capability
            Err(e) => return Err(e),
        }
    }
    // Root may not regain capabilities by exec, setuid does not move them, and neither bit can be unset again.
    const NOROOT_AND_NO_FIXUP_LOCKED: c_ulong = 0b1111;
    prctl(libc::PR_SET_SECUREBITS, NOROOT_AND_NO_FIXUP_LOCKED, 0)?;
    let _ = prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as c_ulong, 0); // Linux 4.3; empty by default
    cap_call(libc::SYS_capset, &mut [CapData { effective: 0, permitted: 0, inheritable: 0 }; 2])
}

/// Brings the loopback interface of the present network namespace up.
pub(crate) fn loopback_up() -> io::Result<()> {
    // SAFETY: no pointers.
    let fd = check(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) }.into())?;
    // SAFETY: the descriptor was just made and belongs to nobody else.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as RawFd) };
    // SAFETY: an all-zero ifreq is valid.
    let mut req: libc::ifreq = unsafe { std::mem::zeroed() };
    req.ifr_name[0] = b'l' as libc::c_char;
    req.ifr_name[1] = b'o' as libc::c_char;
    req.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: `req` is a complete ifreq that outlives the call.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const req) }.into()).map(drop)
}

/// What `clone_process` returns on its two sides.
pub(crate) enum Forked {
    Child,
    Parent { pid: i32, pidfd: OwnedFd },
}

/// Forks this process into new namespaces (`flags` are `CLONE_NEW*`), with a pidfd for the parent, and, where the
/// kernel can, straight into a v2 cgroup.
///
/// The child has its own copy of the memory, like after `fork`. The caller must have one thread only.
pub(crate) fn clone_process(flags: c_int, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Forked> {
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    let mut pidfd: RawFd = -1;
    // SAFETY: an all-zero clone_args is valid: no stack, no TLS, nothing to write back.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags as u64 | libc::CLONE_PIDFD as u64;
    args.pidfd = (&raw mut pidfd) as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    if let Some(fd) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = fd.as_raw_fd() as u64;
    }
    // SAFETY: without CLONE_VM the child runs on a copy of this memory and stack; `args` and `pidfd` outlive the call.
    let pid =
        check(unsafe { libc::syscall(libc::SYS_clone3, &raw mut args, size_of::<libc::clone_args>()) })?;
    if pid == 0 {
        return Ok(Forked::Child);
    }
    // SAFETY: the kernel stored a new descriptor there, which nobody else owns.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Forked::Parent { pid: pid as i32, pidfd })
}

/// Forks a single-threaded process; `None` in the child.
pub(crate) fn fork() -> io::Result<Option<i32>> {
    // SAFETY: the callers have one thread, so the child may run any code.
    let pid = unsafe { libc::fork() };
    check(pid.into())?;
    Ok((pid != 0).then_some(pid))
}

pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` runs no handlers and does not return.
    unsafe { libc::_exit(code) }
}

pub(crate) fn kill(pid: i32, signal: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::kill(pid, signal) }.into()).map(drop)
}

pub(crate) fn pidfd_kill(pidfd: BorrowedFd<'_>, signal: c_int) -> io::Result<()> {
    // SAFETY: a null siginfo asks for the default one.
    let ret = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    check(ret).map(drop)
}

/// Waits until one of `fds` is readable or hung up, at most `timeout_ms` (-1: for ever); returns which are ready.
pub(crate) fn poll<const N: usize>(fds: [BorrowedFd<'_>; N], timeout_ms: c_int) -> io::Result<[bool; N]> {
    let mut polled = fds.map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 });
    loop {
        // SAFETY: the pointer and count describe `polled`.
        match check(unsafe { libc::poll(polled.as_mut_ptr(), N as libc::nfds_t, timeout_ms) }.into()) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
            Ok(_) => return Ok(polled.map(|p| p.revents != 0)),
        }
    }
}

/// Writes `text` to the file `name` below the open directory `dir`, in one call.
pub(crate) fn write_at(dir: BorrowedFd<'_>, name: &str, text: &str) -> io::Result<()> {
    let name = c_bytes(name.as_bytes())?;
    // SAFETY: `name` is NUL-terminated and outlives the call.
    let fd = check(
        unsafe { libc::openat(dir.as_raw_fd(), name.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) }.into(),
    )?;
    // SAFETY: the descriptor was just made and belongs to nobody else.
    let mut file = unsafe { std::fs::File::from_raw_fd(fd as RawFd) };
    io::Write::write_all(&mut file, text.as_bytes())
}
