//! A jail that has version 2 cgroups only, without memory and pids controllers: real ones, where this machine has them.

use std::io::Read;

use super::*;
use crate::cgroup::{Place, Version};
use crate::process::End;

/// A version 2 directory that we may use; it may have no controllers, but always freezes and kills.
fn v2_directory(name: &str) -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"))?;
    let path = PathBuf::from(line.split(' ').nth(1)?).join(name);
    std::fs::create_dir(&path).ok()?;
    Some(path)
}

fn spec(id: &str, script: &str) -> Spec {
    Spec {
        id: id.into(),
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: "/".into(),
        mounts: Vec::new(),
        tmp_bytes: 1 << 20,
        memory_bytes: 40 << 20,
        cpu_millis: 0,
        pids_max: 8,
        open_files_max: 64,
        file_size_max: None,
        fds: Vec::new(),
        network: Network::Host,
        hostname: String::new(),
    }
}

#[test]
fn version_2_joins_freezes_and_kills() {
    let name = format!("loggia-v2-{}", std::process::id());
    let Some(path) = v2_directory(&name) else {
        eprintln!("no cgroup v2 that we may use");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let freezer = Some(Place { version: Version::V2, path: path.clone() });
    let found = Found { groups: Groups { freezer, ..Groups::default() }, ..Found::default() };
    let jail = Jail::with_cgroups(JailConfig::new("v2", dir.path().join("jail"), Mode::Auto), found).unwrap();

    let (mut out, inside) = std::io::pipe().unwrap();
    let mut wanted = spec("one", "sleep 100 & echo $(cat /proc/self/cgroup | grep ^0:); wait");
    wanted.fds.push((inside.into(), 1));
    let process = jail.start(wanted).unwrap();
    // The cgroup namespace shows the leaf as the root of the hierarchy.
    let mut line = [0; 5];
    out.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"0::/\n");
    let read = |file: &str| std::fs::read_to_string(path.join("one").join(file)).unwrap();
    let populated = |expect: &str| {
        for _ in 0..1000 {
            if read("cgroup.events").contains(expect) {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        false
    };
    assert!(read("cgroup.procs").lines().count() >= 3, "{}", read("cgroup.procs"));
    process.freeze().unwrap();
    assert!(populated("frozen 1"));
    process.thaw().unwrap();
    assert!(populated("frozen 0"));
    process.freeze().unwrap();
    process.kill();
    assert_eq!(process.wait().unwrap().end, End::Signal(9));
    assert!(populated("populated 0"));

    // Without their controllers, processes and memory are held by other means.
    let fork = "i=0; while [ $i -lt 50 ]; do sleep 100 & i=$((i+1)); done 2>/dev/null; exit 0";
    if report::counts_by_namespace() {
        assert_eq!(jail.start(spec("forks", fork)).unwrap().wait().unwrap().end, End::Code(2));
    }
    let eat = "exec /usr/bin/python3 -c 'import time; b = bytearray(90 << 20); time.sleep(60)'";
    let end = jail.start(spec("eats", eat)).unwrap().wait().unwrap();
    assert_eq!((end.end, end.oom_killed), (End::Signal(9), true));
    drop(process);
    drop(jail);
    assert!(!path.exists());
}
