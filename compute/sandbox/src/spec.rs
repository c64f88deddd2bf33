//! What a caller asks for: one process, what it sees, and what it may use.
//!
//! Paths named "inside" are as the program sees them; all others are paths of this machine.

use std::ffi::OsString;
use std::os::fd::{OwnedFd, RawFd};
use std::path::PathBuf;

/// One process to start.
#[derive(Debug)]
pub struct Spec {
    /// Name of the cgroup leaf: 1 to 100 of `A-Z a-z 0-9 _ - .`, not starting with a dot, unique among living processes.
    pub id: String,
    /// The program, absolute, inside. No search along `PATH`.
    pub program: PathBuf,
    /// The arguments after the program's own name.
    pub args: Vec<OsString>,
    /// The whole environment: nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The working directory, absolute, inside.
    pub cwd: PathBuf,
    /// What is added to the root file system, read-only, in this order.
    pub mounts: Vec<Mount>,
    /// Size of the private `/tmp` in bytes. It lives in memory but does not count against `memory_bytes`.
    pub tmp_bytes: u64,
    /// Memory of all its processes together, in bytes; 0: no limit. More ends it with `oom_killed`.
    pub memory_bytes: u64,
    /// Share of CPU: 1000 is one core; 0: no limit.
    pub cpu_millis: u32,
    /// Most processes and threads at one time; 0: no limit.
    pub pids_max: u32,
    /// Most open descriptors per process (`RLIMIT_NOFILE`), lowered to the server's own hard limit.
    pub open_files_max: u64,
    /// Largest file it may write, in bytes (`RLIMIT_FSIZE`).
    pub file_size_max: Option<u64>,
    /// Descriptors it gets, with the numbers inside. 0, 1, 2 are `/dev/null` unless named here; nothing else leaks.
    pub fds: Vec<(OwnedFd, RawFd)>,
    /// The network it sees.
    pub network: Network,
    /// Its host name (at most 64 bytes).
    pub hostname: String,
}

/// A directory or a single file (a Unix socket, too) of this machine, shown read-only.
///
/// Several directories with the same `target` are merged; a file in a later one hides the same file in an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    pub source: PathBuf,
    /// Absolute, inside, without `..`.
    pub target: PathBuf,
}

impl Mount {
    pub fn new(source: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Mount {
        Mount { source: source.into(), target: target.into() }
    }
}

/// Which network a process sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// The machine's own.
    Host,
    /// One of its own, in which only the loopback interface exists (costs about 3 ms more).
    Isolated,
}

/// How a jail treats a machine that cannot isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `--sandbox required`: starts nothing unless every protection that the report calls essential is there.
    Required,
    /// Uses what the machine offers; the report and a warning name what is missing.
    Auto,
    /// `--sandbox off`: plain processes with process limits; no isolation.
    Off,
}

/// Settings of a jail: one per server.
#[derive(Debug, Clone)]
pub struct JailConfig {
    /// Distinguishes this server's cgroups from another's; the same after a restart, so that `sweep` finds what a
    /// killed predecessor left. No two living servers may share it: each would end what the other started. Same letters
    /// as [`Spec::id`].
    pub instance: String,
    /// A directory of ours, made if absent. It stays empty: the root file system is assembled on it, unseen by others.
    pub dir: PathBuf,
    pub mode: Mode,
    /// First of the [`JailConfig::host_uid_count`] user (and group) ids of this machine under which programs run when
    /// the server is root. Nobody else should use them. Default 200000.
    pub host_uid_base: u32,
    /// Default 4096. Processes take turns, so that no two of the last that many share an id.
    pub host_uid_count: u32,
}

impl JailConfig {
    pub fn new(instance: impl Into<String>, dir: impl Into<PathBuf>, mode: Mode) -> JailConfig {
        JailConfig {
            instance: instance.into(),
            dir: dir.into(),
            mode,
            host_uid_base: 200_000,
            host_uid_count: 4096,
        }
    }
}
