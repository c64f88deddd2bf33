//! Process 1 of a sandbox: starts the program, reaps orphans, passes signals on, reports the end.
//!
//! It is a few dozen kilobytes of the spawner's memory, already locked in when it starts the program. When it ends, for
//! whatever reason, the kernel kills everything in its pid namespace; so it ends when the program ends, when the server
//! closes the control socket, and when it is killed. Without a pid namespace (`--sandbox off`) it kills what descends
//! from it itself.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;

use libc::c_int;

use crate::error::{At, Failure};
use crate::features::Feature;
use crate::plan::Plan;
use crate::sys::{self, fds};

/// Commands from the server on the control socket: one byte, for `SIGNAL` followed by the signal's number.
pub(crate) const SIGNAL: u8 = b'S';
pub(crate) const FREEZE: u8 = b'F';
pub(crate) const THAW: u8 = b'T';
/// To the server: `END`, kind (0: exit code, 1: signal), value, whether memory was the reason.
pub(crate) const END: u8 = b'E';
/// To the server on the ready socket: `FAILED`, errno (4 bytes, little-endian), the step.
pub(crate) const FAILED: u8 = b'X';

/// Descriptors below this number may be targets of the program's; everything of ours is moved above.
pub(crate) const TARGET_FDS_MAX: RawFd = 256;
const WATCH_MS: c_int = 100;

/// Where the process that is being set up says what went wrong. Closing it without a word means success.
pub(crate) fn report_failure(ready: BorrowedFd<'_>, failure: &Failure) {
    let mut message = vec![FAILED];
    message.extend_from_slice(&failure.errno.to_le_bytes());
    message.extend_from_slice(failure.step.as_bytes());
    message.truncate(4000);
    let _ = fds::send(ready, &message, &[]);
}

/// Starts the program and lives until it ends. Never returns. `ready` has a number from `TARGET_FDS_MAX` on.
pub(crate) fn run(plan: &Plan, ready: OwnedFd, control: OwnedFd, program_fds: Vec<OwnedFd>) -> ! {
    if !plan.features.has(Feature::Pid) {
        let _ = sys::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0);
    }
    let signals = match block_and_watch_children() {
        Ok(fd) => fd,
        Err(e) => fail(&ready, "make a signalfd", &e),
    };
    let program = match sys::fork() {
        Ok(None) => {
            let failure = execute(plan, program_fds);
            report_failure(ready.as_fd(), &failure);
            sys::exit_now(127)
        }
        Ok(Some(pid)) => pid,
        Err(e) => fail(&ready, "fork the program", &e),
    };
    drop((ready, program_fds));
    let (control, signals) = keep_only(control, signals);
    supervise(plan, program, control.as_fd(), signals.as_fd())
}

fn fail(ready: &OwnedFd, step: &str, error: &io::Error) -> ! {
    report_failure(
        ready.as_fd(),
        &Failure { step: step.into(), errno: error.raw_os_error().unwrap_or(libc::EIO) },
    );
    sys::exit_now(1)
}

/// Blocks every signal, and makes SIGCHLD readable from the returned descriptor.
fn block_and_watch_children() -> io::Result<OwnedFd> {
    // SAFETY: an all-zero sigset_t is valid memory for the calls to fill.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` outlives the calls; SIGCHLD's former disposition (ignored, in the spawner) is replaced first, as
    // an ignored SIGCHLD would leave nothing to wait for.
    let fd = unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        libc::sigfillset(&raw mut set);
        sys::check(libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut()).into())?;
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        sys::check(libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK).into())?
    };
    // SAFETY: the descriptor was just made and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Closes all descriptors but these two; 0, 1 and 2 become `/dev/null`.
fn keep_only(control: OwnedFd, signals: OwnedFd) -> (OwnedFd, OwnedFd) {
    let moved = fds::duplicate_above(control.as_fd(), 10).and_then(|control| {
        let signals = fds::duplicate_above(signals.as_fd(), 10)?;
        if let Ok(null) = fs::File::options().read(true).write(true).open("/dev/null") {
            (0..3).try_for_each(|n| fds::place(null.as_fd(), n))?;
        }
        fds::place(control.as_fd(), 3)?;
        fds::place(signals.as_fd(), 4)?;
        Ok((control, signals))
    });
    drop((control, signals));
    let Ok(moved) = moved else { sys::exit_now(1) };
    std::mem::forget(moved); // closed by the next line, not twice
    if fds::close_from(5, 0).is_err() {
        sys::exit_now(1);
    }
    // SAFETY: 3 and 4 were placed above and belong to nobody else.
    unsafe { (OwnedFd::from_raw_fd(3), OwnedFd::from_raw_fd(4)) }
}

fn supervise(plan: &Plan, program: i32, control: BorrowedFd<'_>, signals: BorrowedFd<'_>) -> ! {
    let timeout = if plan.watch_memory_bytes > 0 { WATCH_MS } else { -1 };
    let (mut ended, mut out_of_memory) = (None, false);
    while ended.is_none() {
        let Ok([commanded, child]) = sys::poll([control, signals], timeout) else { break };
        if child {
            // SAFETY: an all-zero signalfd_siginfo is a valid buffer of the size passed.
            unsafe {
                let mut info: libc::signalfd_siginfo = std::mem::zeroed();
                libc::read(signals.as_raw_fd(), (&raw mut info).cast(), size_of_val(&info));
            }
        }
        if commanded && !obey(plan, program, control) {
            break;
        }
        if timeout > 0 && memory_in_use() > plan.watch_memory_bytes {
            out_of_memory = true;
            let _ = sys::kill(-1, libc::SIGKILL);
        }
        ended = reap(program);
    }
    if let Some(status) = ended {
        let (kind, value) = if libc::WIFSIGNALED(status) {
            (1, libc::WTERMSIG(status))
        } else {
            (0, libc::WEXITSTATUS(status))
        };
        let _ = fds::send(control, &[END, kind, value as u8, out_of_memory.into()], &[]);
    }
    if !plan.features.has(Feature::Pid) {
        kill_descendants();
    }
    sys::exit_now(0)
}

/// Collects every process that has ended; the wait status of `program` once it is among them.
fn reap(program: i32) -> Option<c_int> {
    loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        match unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) } {
            pid if pid == program => return Some(status),
            pid if pid > 0 => continue,
            _ => return None,
        }
    }
}

/// Carries out one command; false when the server has closed its end.
fn obey(plan: &Plan, program: i32, control: BorrowedFd<'_>) -> bool {
    let mut buffer = [0; 16];
    // Everybody but us, atomically; without a pid namespace, the program's session at least.
    let everybody = if plan.features.has(Feature::Pid) { -1 } else { -program };
    match fds::receive(control, &mut buffer, libc::MSG_DONTWAIT) {
        Ok((0, _)) => return false,
        Ok((_, _)) => {
            let _ = match buffer[0] {
                SIGNAL => sys::kill(program, buffer[1].into()),
                FREEZE => sys::kill(everybody, libc::SIGSTOP),
                THAW => sys::kill(everybody, libc::SIGCONT),
                _ => Ok(()),
            };
        }
        Err(e) => return e.kind() == io::ErrorKind::WouldBlock,
    }
    true
}

/// Private memory of all processes but ourselves, in bytes. Used where no cgroup counts.
fn memory_in_use() -> u64 {
    let pages = |entry: fs::DirEntry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let statm = fs::read_to_string(entry.path().join("statm")).ok().filter(|_| pid != 1)?;
        let mut fields = statm.split(' ').skip(1).map(|n| n.parse::<u64>().unwrap_or(0));
        let (resident, shared) = (fields.next()?, fields.next()?);
        Some(resident.saturating_sub(shared))
    };
    let total: u64 = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(pages).sum();
    // SAFETY: sysconf has no preconditions.
    total * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

/// Kills children until there are none: orphans of killed ones become ours, as we are the subreaper.
fn kill_descendants() {
    for _ in 0..1000 {
        let children = fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
        let pids: Vec<i32> = children.split_whitespace().filter_map(|p| p.parse().ok()).collect();
        for pid in &pids {
            let _ = sys::kill(*pid, libc::SIGKILL);
        }
        // SAFETY: a null status is allowed. Blocks until a child, all of which were just killed, has ended.
        if unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) } < 0 {
            return;
        }
    }
}

/// In the forked child: becomes the program. Returns only what prevented it.
fn execute(plan: &Plan, program_fds: Vec<OwnedFd>) -> Failure {
    match try_execute(plan, program_fds) {
        Ok(never) => match never {},
        Err(failure) => failure,
    }
}

fn try_execute(plan: &Plan, program_fds: Vec<OwnedFd>) -> Result<std::convert::Infallible, Failure> {
    if !plan.features.has(Feature::Pid) {
        // No namespace will collapse around it, so it dies with its supervisor.
        sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0)
            .at(|| "set the parent-death signal")?;
    }
    // SAFETY: no pointers. The server's umask, perhaps strict, is not the program's.
    unsafe {
        libc::setsid();
        libc::umask(0o022);
    }
    arrange_descriptors(plan, program_fds).at(|| "arrange descriptors")?;
    sys::set_rlimit(libc::RLIMIT_NOFILE, plan.open_files_max).at(|| "limit open files")?;
    std::env::set_current_dir(&plan.cwd).at(|| format!("change to {}", plan.cwd.display()))?;
    let path = sys::c_path(&plan.program).at(|| "program path")?;
    let strings = |list: Vec<&[u8]>| list.into_iter().map(sys::c_bytes).collect::<io::Result<Vec<_>>>();
    let args = std::iter::once(plan.program.as_os_str()).chain(plan.args.iter().map(AsRef::as_ref));
    let args = strings(args.map(OsStrExt::as_bytes).collect()).at(|| "program arguments")?;
    let env = strings(plan.env.iter().map(|e| e.as_bytes()).collect()).at(|| "program environment")?;
    let pointers = |list: &[std::ffi::CString]| -> Vec<*const libc::c_char> {
        list.iter().map(|s| s.as_ptr()).chain(std::iter::once(std::ptr::null())).collect()
    };
    let (argv, envp) = (pointers(&args), pointers(&env));
    default_signals();
    // SAFETY: `path` is NUL-terminated; both arrays end with null and point at strings that outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    Err(io::Error::last_os_error()).at(|| format!("execute {}", plan.program.display()))
}

/// Puts the program's descriptors at their numbers. All others, the ready socket too, close at exec.
fn arrange_descriptors(plan: &Plan, program_fds: Vec<OwnedFd>) -> io::Result<()> {
    let high: Vec<OwnedFd> = program_fds
        .iter()
        .map(|fd| fds::duplicate_above(fd.as_fd(), TARGET_FDS_MAX))
        .collect::<Result<_, _>>()?;
    // The originals, whose numbers may be targets, stay open until overwritten or closed by exec.
    program_fds.into_iter().for_each(std::mem::forget);
    let null = fs::File::options().read(true).write(true).open("/dev/null")?;
    let null = fds::duplicate_above(null.as_fd(), TARGET_FDS_MAX)?;
    fds::close_from(0, libc::CLOSE_RANGE_CLOEXEC)?;
    (0..3).try_for_each(|n| fds::place(null.as_fd(), n))?;
    high.iter().zip(&plan.fd_targets).try_for_each(|(fd, target)| fds::place(fd.as_fd(), *target))
}

/// Signals as a new process expects them: nothing blocked, nothing ignored.
fn default_signals() {
    // SAFETY: plain calls on valid memory, in a process with one thread.
    unsafe {
        for signal in 1..32 {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut());
    }
}
