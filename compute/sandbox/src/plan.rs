//! What the server tells the spawner about one start, as bytes.
//!
//! Both ends are the same executable, so the form has no version. Descriptors travel beside it, in the order
//! ready, control, cgroup files, program's descriptors.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::features::Features;

/// User and group id that the program sees: those of AWS Lambda's own sandbox user.
pub(crate) const UID_INSIDE: u32 = 993;
pub(crate) const GID_INSIDE: u32 = 990;

/// One start, everything decided: see [`crate::Spec`] for the meanings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plan {
    pub features: Features,
    /// Id on the host (in the spawner's user namespace).
    pub host_uid: u32,
    pub host_gid: u32,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<OsString>,
    pub cwd: PathBuf,
    pub mounts: Vec<PlanMount>,
    pub tmp_bytes: u64,
    pub shm_bytes: u64,
    pub open_files_max: u64,
    /// 0: no limit.
    pub file_size_max: u64,
    /// Limit by `RLIMIT_NPROC`, where no cgroup counts processes; 0: none.
    pub processes_max: u64,
    /// Memory that init itself watches, where no cgroup does; 0: none.
    pub watch_memory_bytes: u64,
    pub isolated_network: bool,
    pub hostname: String,
    /// How many of the descriptors are `tasks` / `cgroup.procs` files to write "0" to.
    pub cgroup_files: u32,
    /// Numbers inside of the remaining descriptors.
    pub fd_targets: Vec<i32>,
    /// A trial: everything is done except running a program.
    pub trial: bool,
}

/// All sources for one target, in the caller's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlanMount {
    pub target: PathBuf,
    pub sources: Vec<PathBuf>,
}

impl Plan {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut w = Writer(Vec::with_capacity(4096));
        w.number(u64::from(self.features.0));
        w.number(u64::from(self.host_uid));
        w.number(u64::from(self.host_gid));
        w.path(&self.program);
        w.list(&self.args, |w, a| w.text(a));
        w.list(&self.env, |w, e| w.text(e));
        w.path(&self.cwd);
        w.list(&self.mounts, |w, m| {
            w.path(&m.target);
            w.list(&m.sources, |w, s| w.path(s));
        });
        for n in [
            self.tmp_bytes,
            self.shm_bytes,
            self.open_files_max,
            self.file_size_max,
            self.processes_max,
            self.watch_memory_bytes,
            u64::from(self.isolated_network),
            u64::from(self.trial),
            u64::from(self.cgroup_files),
        ] {
            w.number(n);
        }
        w.text(OsStr::new(&self.hostname));
        w.list(&self.fd_targets, |w, fd| w.number(*fd as u64));
        w.0
    }

    /// The inverse of `encode`; `InvalidData` for anything `encode` would not have made.
    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Plan> {
        let mut r = Reader(bytes);
        let features = Features(r.number()? as u32);
        let (host_uid, host_gid) = (r.number()? as u32, r.number()? as u32);
        let program = r.path()?;
        let args = r.list(Reader::text)?;
        let env = r.list(Reader::text)?;
        let cwd = r.path()?;
        let mounts = r.list(|r| Ok(PlanMount { target: r.path()?, sources: r.list(Reader::path)? }))?;
        Ok(Plan {
            features,
            host_uid,
            host_gid,
            program,
            args,
            env,
            cwd,
            mounts,
            tmp_bytes: r.number()?,
            shm_bytes: r.number()?,
            open_files_max: r.number()?,
            file_size_max: r.number()?,
            processes_max: r.number()?,
            watch_memory_bytes: r.number()?,
            isolated_network: r.number()? != 0,
            trial: r.number()? != 0,
            cgroup_files: r.number()? as u32,
            hostname: r.text()?.into_string().map_err(|_| malformed())?,
            fd_targets: r.list(|r| Ok(r.number()? as i32))?,
        })
    }
}

/// Appends numbers and length-prefixed strings.
pub(crate) struct Writer(pub Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &OsStr) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn path(&mut self, path: &Path) {
        self.text(path.as_os_str());
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Writer, &T)) {
        self.number(items.len() as u64);
        items.iter().for_each(|item| each(self, item));
    }
}

/// Takes off what [`Writer`] put on.
pub(crate) struct Reader<'a>(pub &'a [u8]);

fn malformed() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

impl Reader<'_> {
    pub(crate) fn number(&mut self) -> io::Result<u64> {
        let (head, rest) = self.0.split_first_chunk::<8>().ok_or_else(malformed)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*head))
    }

    pub(crate) fn text(&mut self) -> io::Result<OsString> {
        let length = self.number()? as usize;
        let (head, rest) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(OsString::from_vec(head.to_vec()))
    }

    pub(crate) fn path(&mut self) -> io::Result<PathBuf> {
        self.text().map(PathBuf::from)
    }

    fn list<T>(&mut self, each: impl Fn(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        let count = self.number()? as usize;
        if count > self.0.len() {
            return Err(malformed());
        }
        (0..count).map(|_| each(self)).collect()
    }
}

#[cfg(test)]
mod tests;
