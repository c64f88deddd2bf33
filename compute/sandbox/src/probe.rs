//! Finds out, by trying, what this machine lets the spawner do.
//!
//! The trial is a real start that stops short of running a program, so what it finds is what starts will meet. A step
//! that fails takes its feature away and the trial is repeated; without mounts nothing but the filter remains.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::error::{At, Failure};
use crate::features::{Feature, Features};
use crate::plan::{Plan, PlanMount, Reader, UID_INSIDE, Writer};
use crate::seccomp::Filters;
use crate::spawner::{self, Hello, Spawner};
use crate::{skeleton, sys, wall};

/// What the machine offers, and why not what is missing.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub features: Features,
    /// Each missing feature with the step that failed.
    pub missing: Vec<(u32, i32, String)>,
    pub landlock_abi: i64,
}

impl Findings {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut w = Writer(Vec::new());
        w.number(u64::from(self.features.0));
        w.number(self.landlock_abi as u64);
        w.number(self.missing.len() as u64);
        for (feature, errno, step) in &self.missing {
            w.number(u64::from(*feature));
            w.number(*errno as u64);
            w.text(OsStr::new(step));
        }
        w.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Findings> {
        let mut r = Reader(bytes);
        let features = Features(r.number()? as u32);
        let landlock_abi = r.number()? as i64;
        let mut missing = Vec::new();
        for _ in 0..r.number()? {
            let (feature, errno) = (r.number()? as u32, r.number()? as i32);
            missing.push((feature, errno, r.text()?.to_string_lossy().into_owned()));
        }
        Ok(Findings { features, missing, landlock_abi })
    }

    fn lacks(&mut self, feature: Feature, failure: Failure) {
        self.features = self.features.without(feature);
        self.missing.push((feature as u32, failure.errno, failure.step));
    }
}

/// Prepares the spawner and tries everything once. `renew` restores the parent-death signal.
pub(crate) fn probe(spawner: &mut Spawner, hello: &Hello, renew: impl Fn() -> io::Result<()>) -> Findings {
    let mut found = Findings { landlock_abi: wall::abi(), ..Findings::default() };
    if hello.off {
        return found;
    }
    found.features = Feature::ALL.into_iter().fold(Features::default(), Features::with);
    if found.landlock_abi == 0 {
        found.lacks(
            Feature::Landlock,
            Failure { step: "ask for the landlock ABI".into(), errno: libc::ENOSYS },
        );
    }
    match Filters::compile() {
        Ok(filters) => spawner.prepared.filters = Some(filters),
        Err(e) => {
            found.lacks(
                Feature::Seccomp,
                Failure { step: format!("compile filter: {e}"), errno: libc::ENOSYS },
            );
        }
    }
    if let Err(failure) = prepare(&mut found, &hello.root, renew) {
        return bare(found, failure);
    }
    // Every round takes a feature away, so the rounds end.
    for _ in Feature::ALL {
        let Err(failure) = spawner.trial(&trial_plan(found.features)) else { return found };
        match feature_of(&failure.step, found.features) {
            Some(feature) => found.lacks(feature, failure),
            None => return bare(found, failure),
        }
    }
    found
}

/// Without mounts there is no root to lock a program into: only the filter is left.
fn bare(mut found: Findings, failure: Failure) -> Findings {
    for feature in Feature::ALL {
        let reason =
            if feature == Feature::Mount { failure.step.clone() } else { "needs the mount namespace".into() };
        if feature != Feature::Seccomp && found.features.has(feature) {
            found.lacks(feature, Failure { step: reason, errno: failure.errno });
        }
    }
    found
}

/// Enters a mount namespace, as root if we are, else in a user namespace of our own, and assembles the skeleton.
fn prepare(found: &mut Findings, root: &Path, renew: impl Fn() -> io::Result<()>) -> Result<(), Failure> {
    let as_root = sys::unshare(libc::CLONE_NEWNS);
    if let Err(e) = as_root {
        let reason = "the server is not root".to_owned();
        found.lacks(
            Feature::HostUser,
            Failure { step: reason, errno: e.raw_os_error().unwrap_or(libc::EPERM) },
        );
        spawner::enter_own_user_namespace()?;
        renew().at(|| "renew the parent-death signal")?;
    }
    // Later mounts of the host appear here, too; ours never appear there.
    let flags = libc::MS_REC | libc::MS_SLAVE;
    sys::mount(None, Path::new("/"), None, flags, None).at(|| "make mounts private")?;
    let left = skeleton::build(root, found.features)?;
    if !left.has(Feature::DeepReadOnly) {
        let step = "mount_setattr".to_owned();
        found.lacks(Feature::DeepReadOnly, Failure { step, errno: libc::ENOSYS });
    }
    Ok(())
}

fn trial_plan(features: Features) -> Plan {
    let merged = PlanMount { target: "/opt".into(), sources: vec!["/usr/share".into(), "/usr/lib".into()] };
    // Any id but ours will do; nothing is run under it.
    let host_id = if features.has(Feature::HostUser) { 65_534 } else { UID_INSIDE };
    let host_gid = if features.has(Feature::HostUser) { 65_534 } else { crate::plan::GID_INSIDE };
    Plan {
        features,
        host_uid: host_id,
        host_gid,
        mounts: if features.has(Feature::Overlay) { vec![merged] } else { Vec::new() },
        tmp_bytes: 1 << 20,
        shm_bytes: 1 << 20,
        open_files_max: 1024,
        isolated_network: features.has(Feature::Network),
        hostname: "trial".into(),
        trial: true,
        ..Plan::default()
    }
}

/// The feature that a failed step stands for; `None`: one without which there is no sandbox.
fn feature_of(step: &str, features: Features) -> Option<Feature> {
    const STEPS: &[(&str, Feature)] = &[
        ("unshare cgroup namespace", Feature::Cgroup),
        ("unshare network namespace", Feature::Network),
        ("bring loopback up", Feature::Network),
        ("set host name", Feature::Uts),
        ("merge ", Feature::Overlay),
        ("drop groups", Feature::HostUser),
        ("keep capabilities", Feature::HostUser),
        ("become user 65534", Feature::HostUser),
        ("unshare user namespace", Feature::User),
        ("write setgroups", Feature::User),
        ("write uid_map", Feature::User),
        ("write gid_map", Feature::User),
        ("landlock", Feature::Landlock),
        ("install the seccomp filter", Feature::Seccomp),
    ];
    if step == "clone into new namespaces" {
        // Which one the kernel refused it does not say: give up the least important first.
        return [Feature::Ipc, Feature::Uts, Feature::Pid].into_iter().find(|f| features.has(*f));
    }
    STEPS.iter().find(|(prefix, _)| step.starts_with(prefix)).map(|(_, feature)| *feature)
}
