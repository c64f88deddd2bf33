//! The steps by which a freshly cloned process locks itself in, in the order of `docs/jail.md`.
//!
//! Runs in a copy of the spawner (one thread), as process 1 of its namespaces. It holds the spawner's privileges until
//! `become_nobody`; nothing that a program controls is read before that.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::error::{At, Failure};
use crate::features::Feature;
use crate::plan::{GID_INSIDE, Plan, PlanMount, UID_INSIDE};
use crate::seccomp::Filters;
use crate::{skeleton, sys, wall};

/// What the spawner prepared once and every start uses.
pub(crate) struct Prepared {
    /// Where the skeleton is, in the spawner's mount namespace.
    pub root: PathBuf,
    pub filters: Option<Filters>,
    /// Readable as soon as the spawner is dead.
    pub lifeline: OwnedFd,
    /// Files and directories of `/proc` to hide, as far as this kernel has them.
    pub proc_files: Vec<&'static str>,
    pub proc_dirs: Vec<&'static str>,
}

/// Files of `/proc` that tell of the machine rather than of the sandbox. The whole of `/proc` is read-only anyway.
pub(crate) const PROC_FILES_HIDDEN: &[&str] = &[
    "kcore",
    "keys",
    "key-users",
    "timer_list",
    "sched_debug",
    "latency_stats",
    "sysrq-trigger",
    "kallsyms",
];
pub(crate) const PROC_DIRS_HIDDEN: &[&str] = &["acpi", "scsi"];

/// Takes all steps. `cgroups` are open `tasks` or `cgroup.procs` files, `program_fds` what the program will be given.
pub(crate) fn enter(
    plan: &Plan,
    prepared: &Prepared,
    cgroups: &[OwnedFd],
    program_fds: &[OwnedFd],
) -> Result<(), Failure> {
    let has = |feature| plan.features.has(feature);
    if has(Feature::Pid) {
        die_with_parent(prepared)?;
    }
    // The sandbox goes first when the machine itself runs out of memory. Raising is always permitted.
    let _ = fs::write("/proc/self/oom_score_adj", "300");
    if plan.isolated_network && has(Feature::Network) {
        sys::unshare(libc::CLONE_NEWNET).at(|| "unshare network namespace")?;
        sys::loopback_up().at(|| "bring loopback up")?;
    }
    if has(Feature::Uts) && !plan.hostname.is_empty() {
        sys::set_hostname(plan.hostname.as_bytes()).at(|| "set host name")?;
    }
    // Kept open over the pivot: the identity maps are written through it.
    let host_proc = fs::File::open("/proc").at(|| "open /proc")?;
    if has(Feature::Mount) {
        mount_all(plan, prepared)?;
        std::env::set_current_dir(&prepared.root).at(|| "change to the new root")?;
        sys::pivot_into_cwd().at(|| "pivot_root")?;
    }
    // Only now: the steps before are the server's work and should not be slowed by a small CPU share.
    for (i, file) in cgroups.iter().enumerate() {
        join_cgroup(file.as_fd()).at(|| format!("join cgroup (file {i})"))?;
    }
    if has(Feature::Cgroup) {
        sys::unshare(libc::CLONE_NEWCGROUP).at(|| "unshare cgroup namespace")?;
    }
    limit(plan)?;
    if has(Feature::HostUser) {
        program_fds
            .iter()
            .try_for_each(|fd| give_pipe(fd, plan))
            .at(|| "give the pipes to the program's user")?;
    }
    become_nobody(plan, host_proc.as_fd())?;
    drop(host_proc);
    if plan.processes_max > 0 {
        sys::set_rlimit(libc::RLIMIT_NPROC, plan.processes_max).at(|| "limit processes")?;
    }
    sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0).at(|| "set no_new_privs")?;
    // Again: the kernel forgets it whenever the identity changes. (Without a pid namespace the supervisor has to
    // outlive the spawner for a moment, to kill what descends from it; it learns of the end by its control socket.)
    if has(Feature::Pid) {
        die_with_parent(prepared)?;
    }
    if has(Feature::Landlock) {
        wall::raise().map_err(|e| Failure { step: format!("landlock: {e}"), errno: libc::EPERM })?;
    }
    if let (true, Some(filters)) = (has(Feature::Seccomp), &prepared.filters) {
        filters.apply().at(|| "install the seccomp filter")?;
    }
    Ok(())
}

/// Asks the kernel to kill this process when the spawner dies, and makes sure that it had not died before.
fn die_with_parent(prepared: &Prepared) -> Result<(), Failure> {
    sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0)
        .at(|| "set the parent-death signal")?;
    let [dead] = sys::poll([prepared.lifeline.as_fd()], 0).at(|| "look for the spawner")?;
    if dead {
        sys::exit_now(1);
    }
    Ok(())
}

/// "0" is the writer itself. For a v1 `tasks` file the kernel then skips the lock that makes other migrations slow.
fn join_cgroup(file: BorrowedFd<'_>) -> std::io::Result<()> {
    // SAFETY: the pointer and length describe a static byte string.
    sys::check(unsafe { libc::write(file.as_raw_fd(), c"0".as_ptr().cast(), 1) } as libc::c_long).map(drop)
}

fn mount_all(plan: &Plan, prepared: &Prepared) -> Result<(), Failure> {
    let root = &prepared.root;
    if plan.features.has(Feature::Proc) {
        mount_proc(plan, prepared)?;
    }
    let own = format!("uid={},gid={},nr_inodes=1m", plan.host_uid, plan.host_gid);
    let private = [("tmp", plan.tmp_bytes, "1777"), ("dev/shm", plan.shm_bytes, "1777")];
    for (name, bytes, mode) in private {
        // size=0 would mean "no limit".
        let data = sys::c_bytes(format!("{own},mode={mode},size={}", bytes.max(4096)).as_bytes());
        let data = data.at(|| "tmpfs options")?;
        let flags = libc::MS_NOSUID | libc::MS_NODEV;
        sys::mount(Some(Path::new("tmpfs")), &root.join(name), Some(c"tmpfs"), flags, Some(&data))
            .at(|| format!("mount tmpfs on /{name}"))?;
    }
    for mount in &plan.mounts {
        add_mount(root, mount, plan)?;
    }
    let sealed = libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
    sys::mount(None, root, None, sealed, None).at(|| "make the root read-only")
}

fn mount_proc(plan: &Plan, prepared: &Prepared) -> Result<(), Failure> {
    let proc = prepared.root.join("proc");
    let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC | libc::MS_RDONLY;
    // Without a pid namespace of its own a program sees the host's processes, unless told not to.
    let data = (!plan.features.has(Feature::Pid)).then_some(c"hidepid=2");
    sys::mount(Some(Path::new("proc")), &proc, Some(c"proc"), flags, data).at(|| "mount /proc")?;
    let null = prepared.root.join("dev/null");
    // An entry that this instance of /proc does not have needs no cover.
    let cover = |result: std::io::Result<()>, name: &str| match result {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.at(|| format!("hide /proc/{name}")),
    };
    for name in &prepared.proc_files {
        cover(sys::mount(Some(&null), &proc.join(name), None, libc::MS_BIND, None), name)?;
    }
    let flags = libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
    for name in &prepared.proc_dirs {
        let target = proc.join(name);
        cover(sys::mount(Some(Path::new("tmpfs")), &target, Some(c"tmpfs"), flags, Some(c"size=4k")), name)?;
    }
    Ok(())
}

fn add_mount(root: &Path, mount: &PlanMount, plan: &Plan) -> Result<(), Failure> {
    let is_dir = |path: &PathBuf| Ok(fs::metadata(path).at(|| format!("stat {}", path.display()))?.is_dir());
    if let [source] = mount.sources.as_slice() {
        let target = skeleton::mount_point(root, &mount.target, is_dir(source)?)?;
        return skeleton::bind_read_only(source, &target).map(drop);
    }
    let merge = format!("merge {} directories at {}", mount.sources.len(), mount.target.display());
    if !plan.features.has(Feature::Overlay) {
        return Err(Failure { step: merge, errno: libc::ENODEV });
    }
    // Named by descriptor, so that colons and commas in paths mean nothing to overlayfs. Its first is the topmost.
    let mut lower = Vec::new();
    for source in mount.sources.iter().rev() {
        let dir = fs::File::open(source).at(|| format!("open {}", source.display()))?;
        lower.push(dir);
    }
    let names: Vec<String> = lower.iter().map(|dir| format!("/proc/self/fd/{}", dir.as_raw_fd())).collect();
    let data = sys::c_bytes(format!("lowerdir={}", names.join(":")).as_bytes()).at(|| merge.clone())?;
    let target = skeleton::mount_point(root, &mount.target, true)?;
    let flags = libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
    sys::mount(Some(Path::new("overlay")), &target, Some(c"overlay"), flags, Some(&data)).at(|| merge)
}

/// Opening `/dev/stdout` opens the pipe once more, which its owner may do.
fn give_pipe(fd: &OwnedFd, plan: &Plan) -> std::io::Result<()> {
    let file = fs::File::from(fd.try_clone()?);
    if !file.metadata()?.file_type().is_fifo() {
        return Ok(());
    }
    std::os::unix::fs::fchown(&file, Some(plan.host_uid), Some(plan.host_gid))
}

fn limit(plan: &Plan) -> Result<(), Failure> {
    sys::set_rlimit(libc::RLIMIT_CORE, 0).at(|| "forbid core files")?;
    if plan.file_size_max > 0 {
        sys::set_rlimit(libc::RLIMIT_FSIZE, plan.file_size_max).at(|| "limit file size")?;
    }
    Ok(())
}

/// Gives up the spawner's identity: an unprivileged user of the host, in a user namespace in which nobody else exists
/// and which owns none of the other namespaces, without any capability.
fn become_nobody(plan: &Plan, host_proc: BorrowedFd<'_>) -> Result<(), Failure> {
    if plan.features.has(Feature::HostUser) {
        sys::drop_groups().at(|| "drop groups")?;
        sys::prctl(libc::PR_SET_KEEPCAPS, 1, 0).at(|| "keep capabilities")?;
        sys::set_ids(plan.host_uid, plan.host_gid)
            .at(|| format!("become user on the host ({})", plan.host_uid))?;
        // Effective once more, since some kernels let only the privileged make user namespaces.
        sys::raise_permitted_caps().at(|| "raise capabilities")?;
    }
    if plan.features.has(Feature::User) {
        // A process that changed identity owns its own /proc files no more, unless it says so.
        sys::prctl(libc::PR_SET_DUMPABLE, 1, 0).at(|| "set dumpable")?;
        sys::unshare(libc::CLONE_NEWUSER).at(|| "unshare user namespace")?;
        let uid_map = format!("{UID_INSIDE} {} 1\n", plan.host_uid);
        let gid_map = format!("{GID_INSIDE} {} 1\n", plan.host_gid);
        for (name, text) in [("setgroups", "deny"), ("uid_map", &*uid_map), ("gid_map", &*gid_map)] {
            sys::write_at(host_proc, &format!("self/{name}"), text).at(|| format!("write {name}"))?;
        }
        sys::set_ids(UID_INSIDE, GID_INSIDE).at(|| format!("become user {UID_INSIDE} inside"))?;
    }
    // The program may not look into init, which is a copy of this process. (Exec makes the program itself dumpable.)
    sys::prctl(libc::PR_SET_DUMPABLE, 0, 0).at(|| "set undumpable")?;
    if plan.features.has(Feature::Mount) {
        sys::drop_all_caps().at(|| "drop capabilities")?;
    }
    Ok(())
}
