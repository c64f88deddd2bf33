//! The jail: one per server. Knows what the machine offers, and starts sandboxes.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::cgroup::detect::{Found, Machine, detect};
use crate::cgroup::{Groups, JoinFiles, Limits};
use crate::error::Error;
use crate::features::Feature;
use crate::plan::{Plan, PlanMount};
use crate::probe::Findings;
use crate::process::{Inner, Process};
use crate::report::{self, Report};
use crate::server::Server;
use crate::spawner::Hello;
use crate::spec::{JailConfig, Mode, Mount, Network, Spec};
use crate::warden::Warden;
use crate::{init, outside};

/// What `/dev/shm` may hold, in bytes. It does not count against the memory limit.
const SHM_BYTES: u64 = 64 << 20;
/// Descriptors a program may be given. (Ours and those of the cgroups travel in the same message.)
const PROGRAM_FDS_MAX: usize = 48;

/// Starts sandboxes. Dropping it ends all of them.
pub struct Jail {
    config: JailConfig,
    cgroups: Found,
    server: Server,
    warden: Arc<Warden>,
    warden_thread: Option<JoinHandle<()>>,
    turn: AtomicU32,
    warned: AtomicBool,
    /// Ids in the middle of being started.
    starting: Mutex<Vec<String>>,
}

impl Jail {
    /// Looks for cgroups, removes what a predecessor of the same instance name left, and has the spawner started in
    /// the background: takes about a millisecond. What the machine offers is known when [`Jail::report`] answers.
    ///
    /// # Errors
    /// An instance name with other letters than [`Spec::id`] allows, or no thread to be had.
    pub fn new(config: JailConfig) -> Result<Jail, Error> {
        check_name("instance", &config.instance)?; // it becomes a directory's name
        // Each jail has groups of its own: one that is being cleaned up after its server was killed must not touch its successor's.
        static JAILS: AtomicU32 = AtomicU32::new(0);
        let count = JAILS.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}.{}.{count}", config.instance, std::process::id());
        let cgroups = match Machine::this() {
            Ok(machine) => detect(&name, &machine),
            Err(e) => Found { missing: vec![("memory", e.to_string())], ..Found::default() },
        };
        Jail::with_cgroups(config, cgroups)
    }

    fn with_cgroups(config: JailConfig, cgroups: Found) -> Result<Jail, Error> {
        let dir =
            std::path::absolute(&config.dir).map_err(|e| Error::step("find the jail's directory", e))?;
        sweep_abandoned(&cgroups.groups, &config.instance);
        let server = Server::launch(Hello {
            off: config.mode == Mode::Off,
            root: dir,
            host_uid_base: config.host_uid_base,
            host_uid_count: config.host_uid_count.max(1),
            groups: cgroups.groups.clone(),
        })?;
        let (warden, warden_thread) = Warden::launch()?;
        Ok(Jail {
            config,
            cgroups,
            server,
            warden,
            warden_thread: Some(warden_thread),
            turn: AtomicU32::new(0),
            warned: AtomicBool::new(false),
            starting: Mutex::default(),
        })
    }

    /// Starts one process and waits until its program has been executed.
    ///
    /// # Errors
    /// An invalid request, a step that failed (named), or a machine that lacks what `Mode::Required` demands.
    pub fn start(&self, spec: Spec) -> Result<Process, Error> {
        check(&spec)?;
        let link = self.server.link()?;
        self.permit(&link.findings)?;
        let _claim = self.claim(&spec.id)?;
        let features = link.findings.features;
        let files_bytes = spec.tmp_bytes + SHM_BYTES;
        let limits = Limits {
            memory_bytes: if spec.memory_bytes == 0 { 0 } else { spec.memory_bytes + files_bytes },
            cpu_millis: spec.cpu_millis,
            pids_max: if spec.pids_max == 0 { 0 } else { spec.pids_max + 1 }, // init is one of them
        };
        let (leaf, join) = self.make_leaf(&spec.id, limits)?;
        let memory_bytes = spec.memory_bytes;
        let id = spec.id.clone();
        let (plan, fds) = self.plan(spec, &link.findings);
        let started = self.server.start(&plan, &join, &fds).inspect_err(|_| {
            if let Some(leaf) = &leaf {
                leaf.kill_all();
                let _ = leaf.remove();
            }
        })?;
        let inner = Arc::new(Inner {
            id,
            pid: started.pid,
            pidfd: started.pidfd,
            control: started.control,
            leaf,
            contained: features.has(Feature::Pid),
            memory_bytes: AtomicU64::new(memory_bytes),
            files_bytes,
            is_frozen: AtomicBool::new(false),
            out_of_memory: AtomicBool::new(false),
            ended: Mutex::new(None),
        });
        self.warden.watch(&inner);
        Ok(Process { inner, warden: Arc::clone(&self.warden) })
    }

    /// What this machine offers and lacks. Waits for the probe the first time (some 10 ms after [`Jail::new`]).
    pub fn report(&self) -> Report {
        match self.server.link() {
            Ok(link) => report::make(self.config.mode, &link.findings, &self.cgroups),
            Err(e) => report::make_broken(self.config.mode, &e.to_string(), &self.cgroups),
        }
    }

    /// Kills and removes what bears this instance's name but does not belong to this jail: what a predecessor that was
    /// killed left in cgroups. (Its processes die with it; this is the second net, and removes the directories.)
    pub fn sweep(&self) {
        let starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.cgroups.groups.sweep(|id| starting.iter().any(|s| s == id) || self.warden.knows(id));
        sweep_abandoned(&self.cgroups.groups, &self.config.instance);
    }

    fn permit(&self, findings: &Findings) -> Result<(), Error> {
        let report = || report::make(self.config.mode, findings, &self.cgroups);
        match self.config.mode {
            Mode::Required => {
                let missing = report().missing_essentials();
                if missing.is_empty() { Ok(()) } else { Err(Error::Incomplete { missing }) }
            }
            Mode::Auto | Mode::Off => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    for row in report().rows.iter().filter(|row| !row.ok) {
                        tracing::warn!(feature = row.name, missing = %row.detail, lost = %row.lost, "sandbox: a protection is missing");
                    }
                }
                Ok(())
            }
        }
    }

    /// Reserves an id for the time of a start.
    fn claim(&self, id: &str) -> Result<Claim<'_>, Error> {
        let mut starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if starting.iter().any(|other| other == id) || self.warden.knows(id) {
            return Err(Error::Invalid { field: "id", reason: format!("{id} is in use") });
        }
        starting.push(id.to_owned());
        Ok(Claim { starting: &self.starting, id: id.to_owned() })
    }

    fn make_leaf(&self, id: &str, limits: Limits) -> Result<(Option<Groups>, JoinFiles), Error> {
        if self.cgroups.groups == Groups::default() {
            return Ok((None, JoinFiles::default()));
        }
        let failed = |(step, e)| Error::step(step, e);
        let leaf = self.cgroups.groups.make_leaf(id, limits).map_err(failed)?;
        let join = leaf.join_files().map_err(failed).inspect_err(|_| drop(leaf.remove()))?;
        Ok((Some(leaf), join))
    }

    fn plan(&self, spec: Spec, findings: &Findings) -> (Plan, Vec<OwnedFd>) {
        let features = findings.features;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.config.host_uid_count.max(1);
        let host_id = self.config.host_uid_base + turn;
        let is_mapped = features.has(Feature::HostUser);
        let groups = &self.cgroups.groups;
        let (fds, fd_targets): (Vec<OwnedFd>, Vec<i32>) = spec.fds.into_iter().unzip();
        let join = |name: OsString, value: OsString| {
            let mut entry = name.into_vec();
            entry.push(b'=');
            entry.extend_from_slice(value.as_bytes());
            OsString::from_vec(entry)
        };
        let mut plan = Plan {
            features,
            host_uid: if is_mapped { host_id } else { findings.own_uid },
            host_gid: if is_mapped { host_id } else { findings.own_gid },
            program: spec.program,
            args: spec.args,
            env: spec.env.into_iter().map(|(name, value)| join(name, value)).collect(),
            cwd: spec.cwd,
            mounts: merge(&spec.mounts),
            tmp_bytes: spec.tmp_bytes,
            shm_bytes: SHM_BYTES,
            open_files_max: spec.open_files_max,
            file_size_max: spec.file_size_max.unwrap_or(0),
            processes_max: 0,
            watch_memory_bytes: 0,
            isolated_network: spec.network == Network::Isolated,
            hostname: spec.hostname,
            cgroup_files: 0,
            fd_targets,
            trial: false,
        };
        plan.cgroup_files = groups.directories().len() as u32;
        // The kernel counts processes for each user of a user namespace, where that user is ours alone.
        if groups.pids.is_none()
            && spec.pids_max > 0
            && features.has(Feature::User)
            && report::counts_by_namespace()
        {
            plan.processes_max = u64::from(spec.pids_max) + 1;
        }
        if groups.memory.is_none() && features.has(Feature::Pid) && features.has(Feature::Proc) {
            plan.watch_memory_bytes = spec.memory_bytes;
        }
        if !features.has(Feature::Mount) {
            outside::translate(&mut plan);
        }
        (plan, fds)
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        self.warden.stop();
        if let Some(thread) = self.warden_thread.take() {
            let _ = thread.join();
        }
        // Handles may outlive the jail; what they stand for does not.
        self.server.stop();
        self.cgroups.groups.sweep(|_| false);
        let _ = self.cgroups.groups.remove();
    }
}

struct Claim<'a> {
    starting: &'a Mutex<Vec<String>>,
    id: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.starting.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| *id != self.id);
    }
}

/// Brings the sources of one target together, in the place of the first.
fn merge(mounts: &[Mount]) -> Vec<PlanMount> {
    let mut merged: Vec<PlanMount> = Vec::new();
    for mount in mounts {
        match merged.iter_mut().find(|m| m.target == mount.target) {
            Some(same) => same.sources.push(mount.source.clone()),
            None => {
                merged.push(PlanMount { target: mount.target.clone(), sources: vec![mount.source.clone()] })
            }
        }
    }
    merged
}

fn check(spec: &Spec) -> Result<(), Error> {
    check_name("id", &spec.id)?;
    let invalid = |field, reason: &str| Err(Error::Invalid { field, reason: reason.to_owned() });
    let is_plain = |path: &Path| {
        path.is_absolute()
            && path.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)))
    };
    let absolute = |field, path: &PathBuf| {
        if is_plain(path) {
            Ok(())
        } else {
            invalid(field, &format!("{} is not a plain absolute path", path.display()))
        }
    };
    absolute("program", &spec.program)?;
    absolute("cwd", &spec.cwd)?;
    for mount in &spec.mounts {
        absolute("mount target", &mount.target)?;
        absolute("mount source", &mount.source)?;
    }
    if spec.fds.len() > PROGRAM_FDS_MAX {
        return invalid("fds", "more than 48 descriptors");
    }
    if spec.fds.iter().any(|(_, n)| !(0..init::TARGET_FDS_MAX).contains(n)) {
        return invalid("fds", "a number inside is not in 0..256");
    }
    if spec.hostname.len() > 64 {
        return invalid("hostname", "longer than 64 bytes");
    }
    if spec.open_files_max < 16 {
        return invalid("open_files_max", "less than 16");
    }
    Ok(())
}

fn check_name(field: &'static str, name: &str) -> Result<(), Error> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (1..=100).contains(&name.len()) && name.chars().all(is_letter) && !name.starts_with('.') {
        return Ok(());
    }
    Err(Error::Invalid { field, reason: format!("{name:?} is not 1 to 100 of A-Z a-z 0-9 _ - .") })
}

/// Kills and removes what jails of this instance left whose process has ended.
fn sweep_abandoned(groups: &Groups, instance: &str) {
    for abandoned in groups.abandoned(instance) {
        abandoned.sweep(|_| false);
        let _ = abandoned.remove();
    }
}

#[cfg(test)]
mod tests;
