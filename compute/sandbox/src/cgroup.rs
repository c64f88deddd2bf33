//! Limits by cgroup: memory, CPU, number of processes, freezing; version 1 or 2, whichever has the controller.
//!
//! Each start gets a leaf below a directory that carries the server's instance name, in each hierarchy used. Leaves of
//! a dead server are found by that name. Version 1 is the older one with a hierarchy for each controller; a machine may
//! have some controllers there and the rest in version 2.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use crate::sys;

pub(crate) mod detect;

/// A period short enough that a throttled program stutters by milliseconds, in microseconds.
const CPU_PERIOD_US: u64 = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// Where one controller's directories are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub version: Version,
    pub path: PathBuf,
}

impl Place {
    fn write(&self, v1: &str, v2: &str, value: &str) -> io::Result<()> {
        let name = if self.version == Version::V1 { v1 } else { v2 };
        fs::write(self.path.join(name), value)
    }

    fn read(&self, v1: &str, v2: &str) -> io::Result<String> {
        let name = if self.version == Version::V1 { v1 } else { v2 };
        fs::read_to_string(self.path.join(name))
    }
}

/// The four controllers, each present or not: of the whole server, or of one leaf.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Groups {
    pub memory: Option<Place>,
    pub cpu: Option<Place>,
    pub pids: Option<Place>,
    pub freezer: Option<Place>,
}

/// What a leaf allows; 0: no limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub memory_bytes: u64,
    pub cpu_millis: u32,
    pub pids_max: u32,
}

/// Files that put a process into a leaf.
#[derive(Debug, Default)]
pub(crate) struct JoinFiles {
    /// The v2 directory, for a clone straight into it.
    pub directory: Option<OwnedFd>,
    /// v1 `tasks` files, then the v2 `cgroup.procs` if there is one.
    pub files: Vec<OwnedFd>,
}

impl Groups {
    fn places(&self) -> impl Iterator<Item = &Place> {
        [&self.memory, &self.cpu, &self.pids, &self.freezer].into_iter().flatten()
    }

    /// The distinct directories: in version 2 the controllers share one.
    pub(crate) fn directories(&self) -> Vec<&Place> {
        let mut seen: Vec<&Place> = Vec::new();
        for place in self.places() {
            if !seen.iter().any(|p| p.path == place.path) {
                seen.push(place);
            }
        }
        seen
    }

    /// Makes the leaf `id` with its limits.
    ///
    /// # Errors
    /// The step and file that failed; nothing is left behind.
    pub(crate) fn make_leaf(&self, id: &str, limits: Limits) -> Result<Groups, (String, io::Error)> {
        let leaf = self.leaf(id);
        let result = leaf.fill(limits);
        if result.is_err() {
            let _ = leaf.remove();
        }
        result.map(|()| leaf)
    }

    fn fill(&self, limits: Limits) -> Result<(), (String, io::Error)> {
        for place in self.directories() {
            fs::create_dir(&place.path)
                .map_err(|e| (format!("create cgroup {}", place.path.display()), e))?;
        }
        self.set_memory(limits.memory_bytes).map_err(|e| ("set the cgroup's memory limit".to_owned(), e))?;
        self.set_cpu(limits.cpu_millis).map_err(|e| ("set the cgroup's CPU share".to_owned(), e))?;
        if let (Some(pids), 1..) = (&self.pids, limits.pids_max) {
            let most = limits.pids_max.to_string();
            pids.write("pids.max", "pids.max", &most)
                .map_err(|e| ("set the cgroup's process limit".to_owned(), e))?;
        }
        Ok(())
    }

    /// Limits memory, swap included, in bytes; 0 changes nothing.
    pub(crate) fn set_memory(&self, bytes: u64) -> io::Result<()> {
        let (Some(memory), 1..) = (&self.memory, bytes) else { return Ok(()) };
        let bytes = bytes.to_string();
        if memory.version == Version::V2 {
            // Absent where the kernel was built without swap accounting; then there is nothing to forbid.
            let _ = fs::write(memory.path.join("memory.swap.max"), "0");
            let _ = fs::write(memory.path.join("memory.oom.group"), "1");
            return fs::write(memory.path.join("memory.max"), bytes);
        }
        let swap = memory.path.join("memory.memsw.limit_in_bytes");
        let limit = memory.path.join("memory.limit_in_bytes");
        // Of the two limits the larger has to move first.
        let first = fs::write(&limit, &bytes);
        if swap.exists() {
            fs::write(&swap, &bytes)?;
        }
        first.or_else(|_| fs::write(&limit, &bytes))
    }

    /// Limits CPU time to `millis` thousandths of a core; 0 changes nothing.
    pub(crate) fn set_cpu(&self, millis: u32) -> io::Result<()> {
        let (Some(cpu), 1..) = (&self.cpu, millis) else { return Ok(()) };
        // The kernel wants at least a millisecond of quota.
        let quota = (CPU_PERIOD_US * u64::from(millis) / 1000).max(1000);
        let period = (quota * 1000 / u64::from(millis)).max(CPU_PERIOD_US);
        if cpu.version == Version::V2 {
            return fs::write(cpu.path.join("cpu.max"), format!("{quota} {period}"));
        }
        fs::write(cpu.path.join("cpu.cfs_period_us"), period.to_string())?;
        fs::write(cpu.path.join("cpu.cfs_quota_us"), quota.to_string())
    }

    /// Weighs CPU time against other leaves of the server when the machine is busy: `millis` is 1000 for one core's weight.
    pub(crate) fn set_cpu_weight(&self, millis: u32) -> io::Result<()> {
        let Some(cpu) = &self.cpu else { return Ok(()) };
        let millis = u64::from(millis);
        match cpu.version {
            // One core is the kernel's default weight in either version.
            Version::V2 => fs::write(cpu.path.join("cpu.weight"), (millis / 10).clamp(1, 10_000).to_string()),
            Version::V1 => {
                fs::write(cpu.path.join("cpu.shares"), (millis * 1024 / 1000).clamp(2, 262_144).to_string())
            }
        }
    }

    /// Stops or resumes every process of the leaf; false where there is no freezer.
    pub(crate) fn freeze(&self, frozen: bool) -> io::Result<bool> {
        let Some(freezer) = &self.freezer else { return Ok(false) };
        match freezer.version {
            Version::V1 => {
                fs::write(freezer.path.join("freezer.state"), if frozen { "FROZEN" } else { "THAWED" })?;
            }
            Version::V2 => fs::write(freezer.path.join("cgroup.freeze"), if frozen { "1" } else { "0" })?,
        }
        Ok(true)
    }

    /// Memory in use that cannot be reclaimed and is not a file in `/tmp`, in bytes.
    pub(crate) fn memory_working(&self) -> Option<u64> {
        let memory = self.memory.as_ref()?;
        let used = number(&memory.read("memory.usage_in_bytes", "memory.current").ok()?)?;
        let stat = memory.read("memory.stat", "memory.stat").ok()?;
        let other: u64 =
            ["shmem", "inactive_file", "active_file"].iter().filter_map(|k| field(&stat, k)).sum();
        Some(used.saturating_sub(other))
    }

    /// All memory in use, page cache and `/tmp` included, in bytes.
    pub(crate) fn memory_used(&self) -> Option<u64> {
        number(&self.memory.as_ref()?.read("memory.usage_in_bytes", "memory.current").ok()?)
    }

    /// Highest `memory_used` so far.
    pub(crate) fn memory_peak(&self) -> Option<u64> {
        number(&self.memory.as_ref()?.read("memory.max_usage_in_bytes", "memory.peak").ok()?)
    }

    /// How many processes the kernel killed for want of memory.
    pub(crate) fn oom_kills(&self) -> u64 {
        let events = self.memory.as_ref().and_then(|m| m.read("memory.oom_control", "memory.events").ok());
        events.and_then(|text| field(&text, "oom_kill")).unwrap_or(0)
    }

    /// Opens the files by which a process joins.
    pub(crate) fn join_files(&self) -> Result<JoinFiles, (String, io::Error)> {
        let mut join = JoinFiles::default();
        let open = |path: &Path, write: bool| {
            let file = fs::OpenOptions::new().read(!write).write(write).open(path);
            file.map(OwnedFd::from).map_err(|e| (format!("open {}", path.display()), e))
        };
        let (v1, v2): (Vec<&Place>, Vec<&Place>) =
            self.directories().into_iter().partition(|p| p.version == Version::V1);
        for place in v1 {
            join.files.push(open(&place.path.join("tasks"), true)?);
        }
        for place in v2 {
            join.directory = Some(open(&place.path, false)?);
            join.files.push(open(&place.path.join("cgroup.procs"), true)?);
        }
        Ok(join)
    }

    /// Kills whatever is inside, frozen or not. Not atomic in version 1: repeated until nothing is left or 50 rounds.
    pub(crate) fn kill_all(&self) {
        for place in self.directories() {
            if place.version == Version::V2 && fs::write(place.path.join("cgroup.kill"), "1").is_ok() {
                continue;
            }
            for round in 0..50 {
                let Ok(text) = fs::read_to_string(place.path.join("cgroup.procs")) else { break };
                let pids: Vec<i32> = text.lines().filter_map(|l| l.parse().ok()).filter(|p| *p > 1).collect();
                if pids.is_empty() {
                    break;
                }
                for pid in pids {
                    let _ = crate::sys::kill(pid, libc::SIGKILL);
                }
                let _ = self.freeze(false);
                if round > 0 {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            }
        }
        let _ = self.freeze(false);
    }

    /// Removes the leaf. `EBUSY` while processes are dying inside.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let mut result = Ok(());
        for place in self.directories() {
            match fs::remove_dir(&place.path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => result = Err(e),
                _ => {}
            }
        }
        result
    }

    /// Kills and removes every leaf that `keep` does not claim.
    pub(crate) fn sweep(&self, keep: impl Fn(&str) -> bool) {
        let leaves: Vec<Groups> =
            self.leaves().iter().filter(|id| !keep(id)).map(|id| self.leaf(id)).collect();
        leaves.iter().for_each(Groups::kill_all);
        for leaf in leaves {
            // The killed take a moment to go.
            for _ in 0..100 {
                if leaf.remove().is_ok() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }

    /// The groups of earlier jails of this instance whose process has ended: `loggia-{instance}.{process}.{count}` beside ours.
    /// A predecessor that still lives, or is just cleaning up, keeps its own.
    pub(crate) fn abandoned(&self, instance: &str) -> Vec<Groups> {
        let prefix = format!("loggia-{instance}.");
        let mut names: Vec<String> = Vec::new();
        for parent in self.directories().iter().filter_map(|place| place.path.parent()) {
            for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let owner = name.strip_prefix(&prefix).and_then(|rest| rest.split('.').next());
                let owner: Option<i32> = owner.and_then(|pid| pid.parse().ok()).filter(|pid| *pid > 0);
                let is_dead =
                    |pid| sys::kill(pid, 0).is_err_and(|error| error.raw_os_error() == Some(libc::ESRCH));
                if owner.is_some_and(is_dead) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.iter().map(|name| self.beside(name)).collect()
    }

    /// The groups with the same parents as these and another name.
    fn beside(&self, name: &str) -> Groups {
        let beside = |place: &Option<Place>| {
            let place = place.as_ref()?;
            Some(Place { version: place.version, path: place.path.parent()?.join(name) })
        };
        Groups {
            memory: beside(&self.memory),
            cpu: beside(&self.cpu),
            pids: beside(&self.pids),
            freezer: beside(&self.freezer),
        }
    }

    /// Names of all leaves present, in any hierarchy.
    pub(crate) fn leaves(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for place in self.directories() {
            for entry in fs::read_dir(&place.path).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type().is_ok_and(|t| t.is_dir()) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The leaf `id`, whether or not it exists.
    pub(crate) fn leaf(&self, id: &str) -> Groups {
        let inside =
            |p: &Option<Place>| p.as_ref().map(|p| Place { version: p.version, path: p.path.join(id) });
        Groups {
            memory: inside(&self.memory),
            cpu: inside(&self.cpu),
            pids: inside(&self.pids),
            freezer: inside(&self.freezer),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number after `key` in lines of `key number`.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| number(line.strip_prefix(key)?.strip_prefix(' ')?))
}

#[cfg(test)]
mod tests;
