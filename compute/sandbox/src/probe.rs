//! Finds out, by trying, what this machine lets the spawner do.
//!
//! The trial is a real start that stops short of running a program, so what it finds is what starts will meet. A step
//! that fails takes its feature away and the trial is repeated; without mounts nothing but the filter remains.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::error::{At, Failure};
use crate::features::{Feature, Features};
use crate::plan::{Plan, PlanMount, Reader, Writer};
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
    /// Ids of the spawner in its own user namespace, for programs that get none of their own.
    pub own_uid: u32,
    pub own_gid: u32,
}

impl Findings {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut w = Writer(Vec::new());
        w.number(u64::from(self.features.0));
        w.number(self.landlock_abi as u64);
        w.number(self.own_uid.into());
        w.number(self.own_gid.into());
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
        let (own_uid, own_gid) = (r.number()? as u32, r.number()? as u32);
        let mut missing = Vec::new();
        for _ in 0..r.number()? {
            let (feature, errno) = (r.number()? as u32, r.number()? as i32);
            missing.push((feature, errno, r.text()?.to_string_lossy().into_owned()));
        }
        Ok(Findings { features, missing, landlock_abi, own_uid, own_gid })
    }

    fn lacks(&mut self, feature: Feature, failure: Failure) {
        self.features = self.features.without(feature);
        self.missing.push((feature as u32, failure.errno, failure.step));
    }
}

/// Prepares the spawner and tries everything once. `renew` restores the parent-death signal.
pub(crate) fn probe(spawner: &mut Spawner, hello: &Hello, renew: impl Fn() -> io::Result<()>) -> Findings {
    let (own_uid, own_gid) = sys::ids();
    let mut found = Findings { landlock_abi: wall::abi(), own_uid, own_gid, ..Findings::default() };
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
    if let Err(failure) = prepare(&mut found, hello, renew) {
        return bare(found, failure);
    }
    // Every round takes a feature away, so the rounds end.
    for _ in Feature::ALL {
        let Err(failure) = spawner.trial(&trial_plan(&found, hello.host_uid_base)) else { return found };
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
fn prepare(found: &mut Findings, hello: &Hello, renew: impl Fn() -> io::Result<()>) -> Result<(), Failure> {
    let as_root = sys::unshare(libc::CLONE_NEWNS);
    if let Err(e) = as_root {
        let reason = "the server is not root".to_owned();
        found.lacks(
            Feature::HostUser,
            Failure { step: reason, errno: e.raw_os_error().unwrap_or(libc::EPERM) },
        );
        spawner::enter_own_user_namespace()?;
        (found.own_uid, found.own_gid) = sys::ids();
        renew().at(|| "renew the parent-death signal")?;
    } else if let Some(map) = ["uid_map", "gid_map"].into_iter().find(|map| !has_ids(map, hello)) {
        // Root of a container, in whose user namespace those ids do not exist.
        let last = hello.host_uid_base.saturating_add(hello.host_uid_count - 1);
        let step = format!("find ids {} to {last} in /proc/self/{map}", hello.host_uid_base);
        found.lacks(Feature::HostUser, Failure { step, errno: libc::EINVAL });
    }
    // Later mounts of the host appear here, too; ours never appear there.
    let flags = libc::MS_REC | libc::MS_SLAVE;
    sys::mount(None, Path::new("/"), None, flags, None).at(|| "make mounts private")?;
    let left = skeleton::build(&hello.root, found.features)?;
    if !left.has(Feature::DeepReadOnly) {
        let step = "mount_setattr".to_owned();
        found.lacks(Feature::DeepReadOnly, Failure { step, errno: libc::ENOSYS });
    }
    Ok(())
}

/// Whether all ids that programs may get exist in our user namespace. Lines are: first inside, first outside, count.
fn has_ids(map: &str, hello: &Hello) -> bool {
    let text = std::fs::read_to_string(Path::new("/proc/self").join(map)).unwrap_or_default();
    let (first, last) =
        (u64::from(hello.host_uid_base), u64::from(hello.host_uid_base) + u64::from(hello.host_uid_count));
    text.lines().any(|line| {
        let mut numbers = line.split_whitespace().map(|n| n.parse::<u64>().unwrap_or(0));
        let (inside, count) = (numbers.next().unwrap_or(0), numbers.nth(1).unwrap_or(0));
        inside <= first && last <= inside + count
    })
}

fn trial_plan(found: &Findings, host_uid_base: u32) -> Plan {
    let features = found.features;
    let merged = PlanMount { target: "/opt".into(), sources: vec!["/usr/share".into(), "/usr/lib".into()] };
    let is_mapped = features.has(Feature::HostUser);
    let (host_uid, host_gid) =
        if is_mapped { (host_uid_base, host_uid_base) } else { (found.own_uid, found.own_gid) };
    Plan {
        features,
        host_uid,
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
        ("mount /proc", Feature::Proc),
        ("hide /proc", Feature::Proc),
        ("merge ", Feature::Overlay),
        ("drop groups", Feature::HostUser),
        ("keep capabilities", Feature::HostUser),
        ("become user on the host", Feature::HostUser),
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
