//! Both versions over directories that look like the kernel's; real ones are used in `tests/`.

use super::detect::{Found, Machine, detect};
use super::*;

struct Fake {
    dir: tempfile::TempDir,
}

impl Fake {
    /// `files`: path below the mount point and content. `lines`: the part of mountinfo after the mount point.
    fn detect(files: &[(&str, &str)], mounts: &[(&str, &str)], own: &str) -> (Fake, Found) {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let line = |(i, (name, rest)): (usize, &(&str, &str))| {
            let point = dir.path().join(name);
            fs::create_dir_all(&point).unwrap();
            format!("{i} 31 0:33 / {} rw,relatime shared:9 - {rest}\n", point.display())
        };
        let mountinfo = mounts.iter().enumerate().map(line).collect();
        let found = detect("test", &Machine { mountinfo, own: own.into(), pid: 42 });
        (Fake { dir }, found)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }
}

#[test]
fn version_2_below_a_delegated_group() {
    let files = [("u/svc/cgroup.controllers", "cpuset cpu io memory pids"), ("u/svc/cgroup.procs", "42\n")];
    let (fake, found) = Fake::detect(&files, &[("u", "cgroup2 cgroup2 rw")], "0::/svc\n");
    assert_eq!(fake.read("u/svc/cgroup.subtree_control"), "+memory +cpu +pids");
    let path = fake.dir.path().join("u/svc/loggia-test");
    assert!(path.is_dir());
    // The fake directory has no controllers of its own, as a real one would after the line above.
    assert_eq!(found.groups.freezer, Some(Place { version: Version::V2, path: path.clone() }));
    assert_eq!(found.groups.memory, None);

    // Once more, with what the kernel would have put there.
    fs::write(path.join("cgroup.controllers"), "cpu memory pids").unwrap();
    let own = Machine {
        mountinfo: format!("1 2 0:3 / {}/u rw - cgroup2 cgroup2 rw", fake.dir.path().display()),
        own: "0::/svc\n".into(),
        pid: 42,
    };
    let found = detect("test", &own);
    assert!(found.missing.is_empty(), "{:?}", found.missing);
    assert_eq!(fake.read("u/svc/loggia-test/cgroup.subtree_control"), "+memory +cpu +pids");

    let leaf =
        found.groups.make_leaf("a1", Limits { memory_bytes: 1 << 27, cpu_millis: 250, pids_max: 9 }).unwrap();
    let file = |name: &str| fake.read(&format!("u/svc/loggia-test/a1/{name}"));
    assert_eq!(file("memory.max"), "134217728");
    assert_eq!(file("memory.swap.max"), "0");
    assert_eq!(file("cpu.max"), "5000 20000");
    found.groups.leaf("a1").set_cpu_weight(250).unwrap();
    assert_eq!(file("cpu.weight"), "25");
    assert_eq!(file("pids.max"), "9");
    assert!(leaf.freeze(true).unwrap());
    assert_eq!(file("cgroup.freeze"), "1");
    fs::write(path.join("a1/cgroup.procs"), "").unwrap();
    let join = leaf.join_files().unwrap();
    assert!(join.directory.is_some() && join.files.len() == 1);
    leaf.kill_all();
    assert_eq!(file("cgroup.kill"), "1");
    assert_eq!(file("cgroup.freeze"), "0");
    fs::write(path.join("a1/memory.current"), "5000\n").unwrap();
    fs::write(path.join("a1/memory.peak"), "6000\n").unwrap();
    fs::write(path.join("a1/memory.stat"), "anon 4\nshmem 1000\ninactive_file 100\nactive_file 10\n")
        .unwrap();
    fs::write(path.join("a1/memory.events"), "low 0\noom 3\noom_kill 2\n").unwrap();
    assert_eq!(leaf.memory_working(), Some(3890));
    assert_eq!((leaf.memory_used(), leaf.memory_peak(), leaf.oom_kills()), (Some(5000), Some(6000), 2));
    assert_eq!(found.groups.leaves(), ["a1"]);
}

#[test]
fn version_1_and_hybrid() {
    let mounts = [
        ("memory", "cgroup cgroup rw,memory"),
        ("cpu", "cgroup cgroup rw,cpu,cpuacct"),
        ("unified", "cgroup2 cgroup2 rw"),
    ];
    let files = [("memory/own/tasks", ""), ("unified/cgroup.controllers", "hugetlb")];
    let (fake, found) = Fake::detect(&files, &mounts, "4:memory:/own\n1:cpu,cpuacct:/\n0::/\n");
    let at = |version, path: &str| Some(Place { version, path: fake.dir.path().join(path) });
    assert_eq!(found.groups.memory, at(Version::V1, "memory/own/loggia-test"));
    assert_eq!(found.groups.cpu, at(Version::V1, "cpu/loggia-test"));
    assert_eq!(found.groups.freezer, at(Version::V2, "unified/loggia-test"));
    let missing: Vec<_> = found.missing.iter().map(|(name, reason)| (*name, reason.as_str())).collect();
    assert_eq!(missing, [("pids", "the pids controller is not available in cgroup v2")]);

    found.groups.make_leaf("b", Limits { memory_bytes: 4096, cpu_millis: 10, pids_max: 0 }).unwrap();
    assert_eq!(fake.read("memory/own/loggia-test/b/memory.limit_in_bytes"), "4096");
    // A hundredth of a core: the quota cannot be under 1 ms, so the period grows.
    assert_eq!(fake.read("cpu/loggia-test/b/cpu.cfs_quota_us"), "1000");
    assert_eq!(fake.read("cpu/loggia-test/b/cpu.cfs_period_us"), "100000");
    found.groups.leaf("b").set_cpu_weight(1000).unwrap();
    assert_eq!(fake.read("cpu/loggia-test/b/cpu.shares"), "1024");
}

#[test]
fn no_hierarchy_at_all() {
    let (_fake, found) = Fake::detect(&[], &[("x", "tmpfs tmpfs rw")], "");
    assert_eq!(found.groups, Groups::default());
    assert_eq!(found.missing.len(), 4);
    assert!(found.missing.iter().all(|(_, reason)| reason == "no cgroup hierarchy is mounted"));
}
