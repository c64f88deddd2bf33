//! The spawner: a small helper process, the server's own executable started again, that starts every sandbox.
//!
//! Why a helper: a server has many threads and much memory. A fork of it may run almost no code, copies page tables in
//! proportion to its size, and pins its memory in every sandbox's process 1. The spawner has one thread, an empty
//! environment, one or two megabytes, and keeps the mount namespace in which the root file system is assembled.
//!
//! It ends when the server's socket ends, or soon after the thread that started it (`server.rs` keeps that thread), and
//! all sandboxes die with it.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::cgroup::{Groups, Place, Version};
use crate::enter::{self, Prepared};
use crate::error::{At, Failure};
use crate::features::{Feature, Features};
use crate::plan::{GID_INSIDE, Plan, Reader, UID_INSIDE, Writer};
use crate::sys::{self, Forked, fds};
use crate::{init, probe, skeleton};

/// The name by which the executable knows that it is to be the spawner.
pub(crate) const ARGV0: &str = "loggia-sandbox-spawner";
/// To the server on the ready socket, with a pidfd: `STARTED`, pid (4 bytes, little-endian).
pub(crate) const STARTED: u8 = b'P';
const CLEANUP_SECONDS_MAX: u32 = 3;
/// Longest message on the spawner's socket.
pub(crate) const MESSAGE_MAX: usize = 16 << 10;

/// Runs before `main` in every executable that contains this crate: test binaries and the server need no care.
#[cfg(target_env = "gnu")]
#[used]
#[unsafe(link_section = ".init_array")]
pub(crate) static HOOK: extern "C" fn(libc::c_int, *const *const libc::c_char) = {
    extern "C" fn hook(argc: libc::c_int, argv: *const *const libc::c_char) {
        if argc < 2 || argv.is_null() {
            return;
        }
        // SAFETY: the C library passes the process's own argument vector, of which two entries exist.
        let (name, parent) =
            unsafe { (std::ffi::CStr::from_ptr(*argv), std::ffi::CStr::from_ptr(*argv.add(1))) };
        if name.to_bytes() == ARGV0.as_bytes() {
            run(parent.to_str().ok().and_then(|p| p.parse().ok()).unwrap_or(0));
        }
    }
    hook
};

/// Becomes the spawner if this process was started as one; otherwise returns at once.
///
/// With glibc this happens before `main` by itself. A binary for another C library calls it first thing in `main`.
pub fn init_main() {
    let mut args = std::env::args();
    if args.next().as_deref() == Some(ARGV0) {
        run(args.next().and_then(|p| p.parse().ok()).unwrap_or(0));
    }
}

/// What the server tells a new spawner.
pub(crate) struct Hello {
    pub off: bool,
    pub root: PathBuf,
    pub host_uid_base: u32,
    pub host_uid_count: u32,
    /// The server's cgroups, to be swept when it dies: what is frozen there could not die by itself.
    pub groups: Groups,
}

impl Hello {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut w = Writer(Vec::new());
        w.number(self.off.into());
        w.path(&self.root);
        w.number(self.host_uid_base.into());
        w.number(self.host_uid_count.into());
        let groups = &self.groups;
        for place in [&groups.memory, &groups.cpu, &groups.pids, &groups.freezer] {
            w.number(place.as_ref().map_or(0, |p| if p.version == Version::V1 { 1 } else { 2 }));
            w.path(place.as_ref().map_or(Path::new(""), |p| &p.path));
        }
        w.0
    }

    fn decode(bytes: &[u8]) -> io::Result<Hello> {
        let mut r = Reader(bytes);
        let (off, root) = (r.number()? != 0, r.path()?);
        let (host_uid_base, host_uid_count) = (r.number()? as u32, r.number()? as u32);
        let mut place = || {
            let (number, path) = (r.number()?, r.path()?);
            let version = if number == 1 { Version::V1 } else { Version::V2 };
            io::Result::Ok((number > 0).then_some(Place { version, path }))
        };
        let groups = Groups { memory: place()?, cpu: place()?, pids: place()?, freezer: place()? };
        Ok(Hello { off, root, host_uid_base, host_uid_count, groups })
    }
}

/// What the spawner itself has to know of a start; the plan is for the new process.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub into_cgroup: bool,
    pub features: Features,
}

impl Header {
    pub(crate) fn encode(self) -> [u8; 5] {
        let [a, b, c, d] = self.features.0.to_le_bytes();
        [self.into_cgroup.into(), a, b, c, d]
    }

    /// Of anything else than `encode` makes: no features, which the plan's steps then do without, too.
    fn decode(bytes: &[u8]) -> Header {
        match *bytes {
            [into, a, b, c, d] => {
                Header { into_cgroup: into != 0, features: Features(u32::from_le_bytes([a, b, c, d])) }
            }
            _ => Header { into_cgroup: false, features: Features::default() },
        }
    }
}

fn run(parent: i32) -> ! {
    let code = match serve(parent) {
        Ok(()) => 0,
        Err(_) => 1,
    };
    sys::exit_now(code)
}

fn serve(parent: i32) -> io::Result<()> {
    die_with(parent)?;
    // SAFETY: the server gave us its socket as descriptor 0, and nothing else in this process owns it.
    let zero = unsafe { OwnedFd::from_raw_fd(0) };
    let server = fds::duplicate_above(zero.as_fd(), 10)?;
    std::mem::forget(zero); // 0 stays open, as /dev/null
    let null = std::fs::File::options().read(true).write(true).open("/dev/null")?;
    fds::place(null.as_fd(), 0)?;
    // SAFETY: ignoring SIGCHLD makes the kernel reap our children; SIGPIPE is not used here.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let mut buffer = vec![0; MESSAGE_MAX];
    let (length, _) = fds::receive(server.as_fd(), &mut buffer, 0)?;
    let hello = Hello::decode(&buffer[..length])?;
    // Sandboxes hold the read end; it hangs up when this process is gone.
    let (lifeline, life) = fds::pipe()?;
    let mut spawner = Spawner {
        server,
        life,
        prepared: Prepared {
            root: hello.root.clone(),
            filters: None,
            lifeline,
            proc_files: existing(enter::PROC_FILES_HIDDEN),
            proc_dirs: existing(enter::PROC_DIRS_HIDDEN),
        },
    };
    let findings = probe::probe(&mut spawner, &hello, || die_with(parent));
    let mut alive = fds::send(spawner.server.as_fd(), &findings.encode(), &[]).is_ok();
    while alive {
        match fds::receive(spawner.server.as_fd(), &mut buffer, 0) {
            Ok((length @ 1.., received)) => spawner.start(Header::decode(&buffer[..length]), received),
            Ok((0, _)) | Err(_) => alive = false,
        }
    }
    // The server is gone, killed perhaps. Our sandboxes die when we exit, except those that are frozen.
    hello.groups.sweep(|_| false);
    let _ = hello.groups.remove();
    Ok(())
}

fn existing(names: &[&'static str]) -> Vec<&'static str> {
    names.iter().copied().filter(|name| Path::new("/proc").join(name).exists()).collect()
}

/// Ends this process soon after the thread that started it; fails if that has ended already.
///
/// The usual way to learn of the server's death is the end of its socket, upon which we clean up. The signal is for
/// the case that we hang: it starts an alarm that nobody handles.
fn die_with(parent: i32) -> io::Result<()> {
    extern "C" fn expire(_: libc::c_int) {
        // SAFETY: alarm may be called from a signal handler and has no preconditions.
        unsafe { libc::alarm(CLEANUP_SECONDS_MAX) };
    }
    let handler: extern "C" fn(libc::c_int) = expire;
    // SAFETY: the handler only calls an async-signal-safe function. `signal` restarts interrupted calls.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
    sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGUSR1 as libc::c_ulong, 0)?;
    // SAFETY: no preconditions.
    if unsafe { libc::getppid() } != parent {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    Ok(())
}

pub(crate) struct Spawner {
    server: OwnedFd,
    life: OwnedFd,
    pub prepared: Prepared,
}

impl Spawner {
    /// One start. `received`: plan, ready, control, [v2 cgroup directory], cgroup files, the program's descriptors.
    /// Every failure is told to the ready socket; without one there is nobody to tell.
    fn start(&self, header: Header, received: Vec<OwnedFd>) {
        let mut received = received.into_iter();
        let (Some(plan), Some(ready), Some(control)) = (received.next(), received.next(), received.next())
        else {
            return;
        };
        let directory = if header.into_cgroup { received.next() } else { None };
        if header.features.has(Feature::Mount) {
            skeleton::refresh_network_files(&self.prepared.root);
        }
        let launched =
            self.launch(header.features, plan, ready.as_fd(), control, directory, received.collect());
        if let Err(failure) = launched {
            init::report_failure(ready.as_fd(), &failure);
        }
    }

    /// Clones the new process; in the child never returns.
    ///
    /// The plan is read in the child only: were it read here, one function's environment would lie about in memory of
    /// which every later sandbox gets a copy.
    fn launch(
        &self,
        features: Features,
        plan: OwnedFd,
        ready: BorrowedFd<'_>,
        control: OwnedFd,
        directory: Option<OwnedFd>,
        mut rest: Vec<OwnedFd>,
    ) -> Result<(), Failure> {
        let flags = namespace_flags(features);
        let mut in_cgroup = directory.is_some();
        let mut forked = sys::clone_process(flags, directory.as_ref().map(AsFd::as_fd));
        if forked.is_err() && in_cgroup {
            in_cgroup = false; // before Linux 5.7; the child will join by itself
            forked = sys::clone_process(flags, None);
        }
        match forked.at(|| "clone into new namespaces")? {
            Forked::Parent { pid, pidfd } => {
                let mut message = vec![STARTED];
                message.extend_from_slice(&pid.to_le_bytes());
                let fd = std::os::fd::AsRawFd::as_raw_fd(&pidfd);
                // A server that is gone needs no pid: its sandboxes end by themselves.
                let _ = fds::send(ready, &message, &[fd]);
                Ok(())
            }
            Forked::Child => {
                let plan = match read_plan(plan).at(|| "read the plan") {
                    Ok(plan) => plan,
                    Err(failure) => {
                        init::report_failure(ready, &failure);
                        sys::exit_now(1)
                    }
                };
                let program_fds = rest.split_off(rest.len().min(plan.cgroup_files as usize));
                if in_cgroup {
                    rest.pop(); // the v2 file is the last
                }
                self.become_sandbox(&plan, ready, control, &rest, program_fds)
            }
        }
    }

    fn become_sandbox(
        &self,
        plan: &Plan,
        ready: BorrowedFd<'_>,
        control: OwnedFd,
        cgroups: &[OwnedFd],
        program_fds: Vec<OwnedFd>,
    ) -> ! {
        use std::os::fd::AsRawFd;
        for theirs in [&self.server, &self.life] {
            // SAFETY: this copy of the spawner never uses or drops them: it exits without running destructors.
            unsafe { libc::close(theirs.as_raw_fd()) };
        }
        if let Err(failure) = enter::enter(plan, &self.prepared, cgroups, &program_fds) {
            init::report_failure(ready, &failure);
            sys::exit_now(1);
        }
        if plan.trial {
            sys::exit_now(0);
        }
        // The lifeline is not needed any more: from here the parent-death signal stands.
        match fds::duplicate_above(ready, init::TARGET_FDS_MAX) {
            Ok(high) => {
                // SAFETY: as above; nothing else in this process refers to the original.
                unsafe { libc::close(ready.as_raw_fd()) };
                init::run(plan, high, control, program_fds)
            }
            Err(_) => sys::exit_now(1),
        }
    }

    /// Goes through all the steps in a process that then exits; the first step that failed.
    pub(crate) fn trial(&self, plan: &Plan) -> Result<(), Failure> {
        let (ours, ready) = fds::message_pair().at(|| "make a socket pair")?;
        let (_server, control) = fds::message_pair().at(|| "make a socket pair")?;
        let written = fds::memory_file(&plan.encode()).at(|| "write the trial's plan")?;
        self.launch(plan.features, written, ready.as_fd(), control, None, Vec::new())?;
        drop(ready);
        let mut buffer = [0; 4096];
        loop {
            let (length, _) = fds::receive(ours.as_fd(), &mut buffer, 0).at(|| "hear from the trial")?;
            match buffer[..length].split_first() {
                None => return Ok(()),
                Some((&init::FAILED, rest)) => return Err(decode_failure(rest)),
                Some(_) => continue,
            }
        }
    }
}

/// The inverse of [`init::report_failure`], after the first byte.
pub(crate) fn decode_failure(bytes: &[u8]) -> Failure {
    let (errno, step) = bytes.split_first_chunk::<4>().unwrap_or((&[0; 4], b"unknown step"));
    Failure { errno: i32::from_le_bytes(*errno), step: String::from_utf8_lossy(step).into_owned() }
}

fn read_plan(fd: OwnedFd) -> io::Result<Plan> {
    let mut file = std::fs::File::from(fd);
    io::Seek::rewind(&mut file)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Plan::decode(&bytes)
}

/// Namespaces that are made by clone itself. The others are unshared at their step, in parallel to other starts.
pub(crate) fn namespace_flags(features: Features) -> libc::c_int {
    let pairs = [
        (Feature::Mount, libc::CLONE_NEWNS),
        (Feature::Pid, libc::CLONE_NEWPID),
        (Feature::Ipc, libc::CLONE_NEWIPC),
        (Feature::Uts, libc::CLONE_NEWUTS),
    ];
    pairs.iter().filter(|(feature, _)| features.has(*feature)).fold(0, |flags, (_, flag)| flags | flag)
}

/// Makes a user namespace in which we may mount, for a server that is not root; only our own user exists in it.
pub(crate) fn enter_own_user_namespace() -> Result<(), Failure> {
    let (uid, gid) = sys::ids();
    sys::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS).at(|| "unshare user and mount namespaces")?;
    let proc = std::fs::File::open("/proc").at(|| "open /proc")?;
    let (uid_map, gid_map) = (format!("{UID_INSIDE} {uid} 1\n"), format!("{GID_INSIDE} {gid} 1\n"));
    for (name, text) in [("setgroups", "deny"), ("uid_map", &*uid_map), ("gid_map", &*gid_map)] {
        sys::write_at(proc.as_fd(), &format!("self/{name}"), text).at(|| format!("write {name}"))?;
    }
    Ok(())
}
