//! Finds the cgroup hierarchies that this server may use, and makes its own directory in them.
//!
//! Below the server's own cgroup where possible, so that limits put on the server hold for what it starts. Version 2
//! forbids processes in a group whose controllers are handed down: the server moves itself into a leaf where it is
//! alone in its group (a service with `Delegate=yes`), else root uses the top of the hierarchy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Groups, Place, Version};

/// What `detect` looks at.
pub(crate) struct Machine {
    /// Content of `/proc/self/mountinfo`.
    pub mountinfo: String,
    /// Content of `/proc/self/cgroup`.
    pub own: String,
    pub pid: u32,
}

impl Machine {
    pub(crate) fn this() -> io::Result<Machine> {
        Ok(Machine {
            mountinfo: fs::read_to_string("/proc/self/mountinfo")?,
            own: fs::read_to_string("/proc/self/cgroup")?,
            pid: std::process::id(),
        })
    }
}

/// Our directories, and for each controller that is missing the reason.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub groups: Groups,
    pub missing: Vec<(&'static str, String)>,
}

/// One mounted hierarchy.
struct Hierarchy<'a> {
    /// Which part of the hierarchy is mounted there.
    root: &'a str,
    point: PathBuf,
    options: &'a str,
    version: Version,
}

/// Looks for each controller, version 1 first, and makes `loggia-{instance}` where it may.
pub(crate) fn detect(instance: &str, machine: &Machine) -> Found {
    let hierarchies: Vec<Hierarchy<'_>> = machine.mountinfo.lines().filter_map(parse_mount).collect();
    let name = format!("loggia-{instance}");
    let mut found = Found::default();
    let v1 = |controller: &str| {
        let has =
            |h: &&Hierarchy<'_>| h.version == Version::V1 && h.options.split(',').any(|o| o == controller);
        hierarchies.iter().find(has)
    };
    // Made only where needed, so that no directory is left in a hierarchy that is not used.
    let needed = ["memory", "cpu", "pids", "freezer"].into_iter().any(|controller| v1(controller).is_none());
    let v2 = hierarchies.iter().find(|h| needed && h.version == Version::V2);
    let v2 = v2.map(|h| prepare_v2(h, machine, &name));
    let mut find = |controller: &'static str| {
        let v1 = v1(controller);
        let result = match (v1, &v2) {
            (Some(hierarchy), _) => prepare_v1(hierarchy, machine, controller, &name),
            (None, Some(Ok((path, controllers))))
                if controller == "freezer" || has_word(controllers, controller) =>
            {
                Ok(Place { version: Version::V2, path: path.clone() })
            }
            (None, Some(Ok(_))) => Err(format!("the {controller} controller is not available in cgroup v2")),
            (None, Some(Err(reason))) => Err(reason.clone()),
            (None, None) => Err("no cgroup hierarchy is mounted".to_owned()),
        };
        result.map_err(|reason| found.missing.push((controller, reason))).ok()
    };
    let groups =
        Groups { memory: find("memory"), cpu: find("cpu"), pids: find("pids"), freezer: find("freezer") };
    found.groups = groups;
    found
}

fn has_word(text: &str, word: &str) -> bool {
    text.split_whitespace().any(|w| w == word)
}

fn parse_mount(line: &str) -> Option<Hierarchy<'_>> {
    let (front, back) = line.split_once(" - ")?;
    let mut front = front.split(' ').skip(3);
    let (root, point) = (front.next()?, front.next()?);
    let mut back = back.split(' ');
    let version = match back.next()? {
        "cgroup" => Version::V1,
        "cgroup2" => Version::V2,
        _ => return None,
    };
    let options = back.nth(1)?;
    Some(Hierarchy { root, point: PathBuf::from(point.replace("\\040", " ")), options, version })
}

/// The directory of the group this process is in; `None` where that part of the hierarchy is not mounted.
fn own_directory(hierarchy: &Hierarchy<'_>, machine: &Machine, controller: &str) -> Option<PathBuf> {
    let path = machine.own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let ours = if hierarchy.version == Version::V2 {
            controllers.is_empty()
        } else {
            controllers.split(',').any(|c| c == controller)
        };
        ours.then_some(path)
    })?;
    let below = if hierarchy.root == "/" { path } else { path.strip_prefix(hierarchy.root)? };
    let directory = hierarchy.point.join(below.trim_start_matches('/'));
    directory.is_dir().then_some(directory)
}

fn make(directory: &Path) -> Result<(), String> {
    match fs::create_dir(directory) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
            Err(format!("create {}: {}", directory.display(), crate::error::errno_name(&e)))
        }
        _ => Ok(()),
    }
}

fn prepare_v1(h: &Hierarchy<'_>, machine: &Machine, controller: &str, name: &str) -> Result<Place, String> {
    let mut result = Err(format!("the {controller} hierarchy shows nothing we may use"));
    for parent in own_directory(h, machine, controller).into_iter().chain([h.point.clone()]) {
        let path = parent.join(name);
        match make(&path) {
            Ok(()) => return Ok(Place { version: Version::V1, path }),
            Err(reason) => result = Err(reason),
        }
    }
    result
}

/// Our v2 directory and the controllers that leaves in it will have.
fn prepare_v2(h: &Hierarchy<'_>, machine: &Machine, name: &str) -> Result<(PathBuf, String), String> {
    let mut result = Err("the cgroup v2 hierarchy shows nothing we may use".to_owned());
    for parent in own_directory(h, machine, "").into_iter().chain([h.point.clone()]) {
        match hand_down(&parent, machine.pid).and_then(|_| {
            let path = parent.join(name);
            make(&path)?;
            let controllers = hand_down(&path, machine.pid)?;
            Ok((path, controllers))
        }) {
            Ok(done) => return Ok(done),
            Err(reason) => result = Err(reason),
        }
    }
    result
}

/// Lets the children of `directory` have its controllers; returns those (of the ones we use) that it has.
fn hand_down(directory: &Path, pid: u32) -> Result<String, String> {
    let read = |name: &str| fs::read_to_string(directory.join(name)).unwrap_or_default();
    let available = read("cgroup.controllers");
    let wanted: Vec<&str> =
        ["memory", "cpu", "pids"].into_iter().filter(|c| has_word(&available, c)).collect();
    let enabled = read("cgroup.subtree_control");
    let add: Vec<String> =
        wanted.iter().filter(|c| !has_word(&enabled, c)).map(|c| format!("+{c}")).collect();
    if !add.is_empty() {
        let control = directory.join("cgroup.subtree_control");
        let step = |e: &io::Error| format!("write {}: {}", control.display(), crate::error::errno_name(e));
        match fs::write(&control, add.join(" ")) {
            // Alone in our group we may step aside; others' processes are not ours to move.
            Err(e)
                if e.raw_os_error() == Some(libc::EBUSY)
                    && read("cgroup.procs").trim() == pid.to_string() =>
            {
                let aside = directory.join("loggia-server");
                make(&aside)?;
                fs::write(aside.join("cgroup.procs"), "0").map_err(|e| step(&e))?;
                fs::write(&control, add.join(" ")).map_err(|e| step(&e))?;
            }
            Err(e) => return Err(step(&e)),
            Ok(()) => {}
        }
    }
    Ok(wanted.join(" "))
}
