//! What this machine offers, one row for each protection: what is missing, how to get it, what is lost without.

use std::fmt;

use crate::cgroup::detect::Found;
use crate::features::Feature;
use crate::probe::Findings;
use crate::spec::Mode;

/// The answer of [`crate::Jail::report`].
#[derive(Debug, Clone)]
pub struct Report {
    /// One line for a banner: how functions are run here.
    pub summary: String,
    pub rows: Vec<Row>,
}

/// One protection.
#[derive(Debug, Clone)]
pub struct Row {
    pub name: &'static str,
    pub ok: bool,
    /// `Mode::Required` starts nothing without it.
    pub is_essential: bool,
    /// How it is provided; where missing, the step that failed and its error.
    pub detail: String,
    /// Where missing: how to get it.
    pub remedy: String,
    /// Where missing: what a program can do that it should not.
    pub lost: String,
}

impl Report {
    /// Whether every essential protection is there.
    pub fn is_isolated(&self) -> bool {
        self.rows.iter().all(|row| row.ok || !row.is_essential)
    }

    /// Names and reasons of the essential protections that are missing, in one line; empty if none is.
    pub fn missing_essentials(&self) -> String {
        let missing = self.rows.iter().filter(|row| row.is_essential && !row.ok);
        missing.map(|row| format!("{} ({})", row.name, row.detail)).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary)?;
        for row in &self.rows {
            writeln!(f, "{:<8} {:<28} {}", if row.ok { "ok" } else { "missing" }, row.name, row.detail)?;
            if !row.ok {
                writeln!(f, "{:<37} lost: {}", "", row.lost)?;
                writeln!(f, "{:<37} remedy: {}", "", row.remedy)?;
            }
        }
        Ok(())
    }
}

/// Name, feature, essential, what is lost without, remedy.
type Known = (&'static str, Feature, bool, &'static str, &'static str);

const KNOWN: &[Known] = &[
    (
        "user namespace",
        Feature::User,
        true,
        "a program runs as a user that also exists outside, one step from the other namespaces",
        "allow user namespaces (see the sysctls in docs/jail.md), or start the server as root",
    ),
    (
        "mount namespace",
        Feature::Mount,
        true,
        "a program sees the files of this machine",
        "allow user namespaces (see the sysctls in docs/jail.md), or start the server as root",
    ),
    (
        "pid namespace",
        Feature::Pid,
        true,
        "a program sees other processes, and what it leaves behind is found less surely",
        "a kernel with CONFIG_PID_NS",
    ),
    (
        "ipc namespace",
        Feature::Ipc,
        true,
        "System V shared memory of this machine",
        "a kernel with CONFIG_IPC_NS",
    ),
    ("uts namespace", Feature::Uts, true, "the machine's host name shows", "a kernel with CONFIG_UTS_NS"),
    ("cgroup namespace", Feature::Cgroup, false, "the names of the machine's cgroups show", "Linux 4.6"),
    (
        "network namespace",
        Feature::Network,
        false,
        "functions without network cannot be had; all share the machine's",
        "a kernel with CONFIG_NET_NS",
    ),
    (
        "seccomp filter",
        Feature::Seccomp,
        true,
        "all system calls are within reach",
        "a kernel with CONFIG_SECCOMP_FILTER",
    ),
    (
        "landlock",
        Feature::Landlock,
        false,
        "the second wall around files, and the one around abstract sockets",
        "Linux 5.13 with landlock in the lsm= boot parameter",
    ),
    (
        "own host user",
        Feature::HostUser,
        false,
        "programs share the server's user id outside, and its limits of processes and memory locks",
        "start the server as root",
    ),
    (
        "read-only below mounts",
        Feature::DeepReadOnly,
        false,
        "file systems mounted below /usr and other shared directories keep their own read-write flag",
        "Linux 5.12",
    ),
    (
        "own /proc",
        Feature::Proc,
        false,
        "programs find no /proc at all: some runtimes misbehave, /dev/stdout does not open",
        "a /proc without anything mounted below it (in a container: unmask it), or start the server as real root",
    ),
    (
        "merged layers",
        Feature::Overlay,
        false,
        "functions with several layers do not start",
        "overlayfs (as a user: Linux 5.11)",
    ),
];

pub(crate) fn make(mode: Mode, findings: &Findings, cgroups: &Found) -> Report {
    if mode == Mode::Off {
        return make_without(mode, "switched off (--sandbox off)", "--sandbox required, or auto", cgroups);
    }
    let mut rows: Vec<Row> = KNOWN.iter().map(|known| row(known, findings)).collect();
    rows.extend(limits(cgroups, findings));
    let is_isolated = rows.iter().all(|row| row.ok || !row.is_essential);
    let summary = match (is_isolated, rows.iter().all(|row| row.ok)) {
        (true, true) => "isolated: every protection is in place".to_owned(),
        (true, false) => "isolated, with protections missing that are not essential".to_owned(),
        (false, _) => "NOT ISOLATED: essential protections are missing".to_owned(),
    };
    Report { summary, rows }
}

pub(crate) fn make_broken(mode: Mode, reason: &str, cgroups: &Found) -> Report {
    make_without(mode, reason, "repair what the reason names; nothing can be started until then", cgroups)
}

fn make_without(mode: Mode, reason: &str, remedy: &str, cgroups: &Found) -> Report {
    let without = |known: &Known| Row {
        name: known.0,
        ok: false,
        is_essential: known.2,
        detail: reason.to_owned(),
        remedy: remedy.to_owned(),
        lost: known.3.to_owned(),
    };
    let mut rows: Vec<Row> = KNOWN.iter().map(without).collect();
    rows.extend(limits(cgroups, &Findings::default()));
    let summary = match mode {
        Mode::Off => {
            "NOT ISOLATED: the sandbox is switched off; programs run as the server's own user".to_owned()
        }
        _ => format!("BROKEN: {reason}"),
    };
    Report { summary, rows }
}

fn row(known: &Known, findings: &Findings) -> Row {
    let (name, feature, is_essential, lost, remedy) = *known;
    let ok = findings.features.has(feature);
    let missing = findings.missing.iter().find(|(bit, _, _)| *bit == feature as u32);
    let detail = match missing {
        Some((_, errno, step)) if !ok => {
            format!("{step}: {}", crate::error::errno_name(&std::io::Error::from_raw_os_error(*errno)))
        }
        _ if feature == Feature::Landlock => format!("ABI {}", findings.landlock_abi),
        _ => "yes".to_owned(),
    };
    let remedy = match feature {
        Feature::User | Feature::Mount if !ok => format!("{remedy}{}", sysctls_in_the_way()),
        _ => remedy.to_owned(),
    };
    Row { name, ok, is_essential, detail, remedy, lost: lost.to_owned() }
}

/// The settings by which distributions take user namespaces away, as far as they are set here.
fn sysctls_in_the_way() -> String {
    let settings = [
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ("user.max_user_namespaces", "0", "10000"),
    ];
    let mut text = String::new();
    for (name, bad, good) in settings {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        if std::fs::read_to_string(path).is_ok_and(|value| value.trim() == bad) {
            text.push_str(&format!("; here: sysctl -w {name}={good}"));
        }
    }
    text
}

fn limits(cgroups: &Found, findings: &Findings) -> Vec<Row> {
    let groups = &cgroups.groups;
    let watched = findings.features.has(Feature::Pid) && findings.features.has(Feature::Proc);
    let counted = findings.features.has(Feature::User) && counts_by_namespace();
    let known = [
        (
            "memory limit",
            "memory",
            &groups.memory,
            if watched { "held every 100 ms by init instead of at once by the kernel" } else { "no limit" },
        ),
        ("cpu share", "cpu", &groups.cpu, "a busy function takes CPU from all others"),
        (
            "process limit",
            "pids",
            &groups.pids,
            if counted { "held by RLIMIT_NPROC instead" } else { "no limit: a fork bomb hits the machine" },
        ),
        (
            "freezer",
            "freezer",
            &groups.freezer,
            "idle functions are stopped by SIGSTOP, which their parents notice",
        ),
    ];
    let row =
        |(name, controller, place, lost): (&'static str, &str, &Option<crate::cgroup::Place>, &str)| Row {
            name,
            ok: place.is_some(),
            is_essential: false,
            detail: match place {
                Some(place) => format!("cgroup {:?} {}", place.version, place.path.display()),
                None => cgroups
                    .missing
                    .iter()
                    .find(|(c, _)| *c == controller)
                    .map_or_else(|| "not found".to_owned(), |(_, reason)| reason.clone()),
            },
            remedy: "start the server as root, or as a service with Delegate=yes".to_owned(),
            lost: lost.to_owned(),
        };
    known.into_iter().map(row).collect()
}

/// Whether RLIMIT_NPROC counts within a user namespace (Linux 5.14), and not all processes of a user everywhere.
pub(crate) fn counts_by_namespace() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (5, 14)
}

#[cfg(test)]
mod tests;
