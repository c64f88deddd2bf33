//! Freezing, ending, and what is left: nothing.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use sandbox::{End, Mode};

use crate::rig::{PYTHON, Rig, eventually, processes_with};

#[test]
fn the_end_is_told_exactly() {
    let rig = Rig::new();
    let check = |code: &str, expect: End| assert_eq!(rig.shell(code).status.end, expect, "{code}");
    check("exit 0", End::Code(0));
    check("exit 41", End::Code(41));
    check("kill -TERM $$", End::Signal(15));
    check("kill -SEGV $$", End::Signal(11));
    // What the program leaves behind ends with it.
    let since = std::time::Instant::now();
    check("sleep 1000 & exit 3", End::Code(3));
    assert!(since.elapsed().as_secs() < 10);
}

#[test]
fn signals_reach_the_program() {
    let rig = Rig::new();
    let code = "import signal, sys; signal.signal(signal.SIGTERM, lambda *a: sys.exit(7)); print('ready', flush=True); signal.pause()";
    let (process, out, _err) = rig.start(rig.spec(PYTHON, &["-c", code])).unwrap();
    BufReader::new(out).read_line(&mut String::new()).unwrap();
    assert!(process.try_wait().is_none());
    process.signal(15).unwrap();
    assert_eq!(process.wait().unwrap().end, End::Code(7));
    assert_eq!(process.try_wait().unwrap().end, End::Code(7));
}

#[test]
fn a_tree_is_killed_whole_even_when_frozen() {
    let rig = Rig::new();
    for frozen in [false, true] {
        let mark = format!("10{}", std::process::id());
        let script = format!(
            "for i in 1 2 3; do (setsid sleep {mark} & sleep {mark}) & done; echo ready; wait; sleep {mark}"
        );
        let (process, out, _err) = rig.start(rig.spec("/bin/sh", &["-c", &script])).unwrap();
        BufReader::new(out).read_line(&mut String::new()).unwrap();
        eventually("the tree stands", || processes_with(&mark).len() >= 7);
        if frozen {
            process.freeze().unwrap();
        }
        process.kill();
        assert_eq!(process.wait().unwrap().end, End::Signal(9));
        assert_eq!(processes_with(&mark), Vec::<i32>::new());
    }
}

/// CPU time of the sandbox's program, in clock ticks, as the host sees it.
fn cpu_ticks(mark: &str) -> u64 {
    let pids = processes_with(mark);
    let of = |pid: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split(' ')
            .skip(12)
            .take(2)
            .filter_map(|n| n.parse().ok())
            .collect();
        fields.iter().sum::<u64>()
    };
    pids.iter().map(of).sum()
}

#[test]
fn time_stands_still_while_frozen() {
    let rig = Rig::new();
    let mark = format!("mark{}", std::process::id());
    let code = format!("'{mark}'; print('go', flush=True)\nwhile True: pass");
    let (process, out, _err) = rig.start(rig.spec(PYTHON, &["-c", &code])).unwrap();
    BufReader::new(out).read_line(&mut String::new()).unwrap();
    process.freeze().unwrap();
    // Freezing takes effect within a scheduler tick or two.
    let pause = || std::thread::sleep(std::time::Duration::from_millis(100));
    pause();
    let before = cpu_ticks(&mark);
    pause();
    pause();
    assert_eq!(cpu_ticks(&mark), before);
    process.thaw().unwrap();
    eventually("it runs again", || cpu_ticks(&mark) > before + 3);
}

#[test]
fn dropping_a_handle_ends_it_and_removes_its_cgroup() {
    let rig = Rig::new();
    let mark = format!("20{}", std::process::id());
    let (process, _out, _err) = rig.start(rig.spec("/bin/sleep", &[&mark])).unwrap();
    let id = "t0";
    let is_there = || cgroup_leaves(&rig).iter().any(|path| path.ends_with(id));
    assert_eq!(is_there(), rig.has("memory limit"));
    drop(process);
    eventually("the process ends", || processes_with(&mark).is_empty());
    eventually("the cgroup is removed", || !is_there());
}

/// Directories of this rig's leaves, by the report.
fn cgroup_leaves(rig: &Rig) -> Vec<std::path::PathBuf> {
    let paths = rig.jail.report().rows.into_iter().filter(|row| row.ok);
    let dirs =
        paths.filter_map(|row| Some(row.detail.strip_prefix("cgroup V")?.split_once(' ')?.1.to_owned()));
    dirs.flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten().flatten())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.path())
        .collect()
}

#[test]
fn ids_are_unique_while_in_use() {
    let rig = Rig::new();
    let (mut first, mut second) = (rig.spec("/bin/sleep", &["100"]), rig.spec("/bin/true", &[]));
    (first.id, second.id) = ("same".into(), "same".into());
    let (process, _out, _err) = rig.start(first).unwrap();
    assert_eq!(rig.jail.start(second).unwrap_err().to_string(), "sandbox: invalid id: same is in use");
    drop(process);
}

#[test]
fn many_start_at_once() {
    let rig = Rig::new();
    let ends: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| rig.shell("echo $$").stdout)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(ends, vec!["2\n"; 16]);
}

/// Not a test of its own: the server that `nothing_survives_a_killed_server` kills.
#[test]
fn helper_server() {
    let Ok(dir) = std::env::var("SANDBOX_TEST_SERVER") else { return };
    let mode = if std::env::var("SANDBOX_TEST_MODE").unwrap() == "Off" { Mode::Off } else { Mode::Auto };
    let mark = std::env::var("SANDBOX_TEST_MARK").unwrap();
    let config = sandbox::JailConfig::new(std::env::var("SANDBOX_TEST_INSTANCE").unwrap(), dir, mode);
    let jail = sandbox::Jail::new(config).unwrap();
    let rig = Rig::new();
    let start = |id: &str| {
        let script = format!("(setsid sleep {mark} &) ; sleep {mark} & exec sleep {mark}");
        let mut spec = rig.spec("/bin/sh", &["-c", &script]);
        spec.id = id.into();
        jail.start(spec).unwrap()
    };
    let (_running, frozen) = (start("running"), start("frozen"));
    eventually("all run", || processes_with(&mark).len() == 6);
    frozen.freeze().unwrap();
    println!("SERVING");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn nothing_survives_a_killed_server() {
    for mode in ["Auto", "Off"] {
        let dir = tempfile::tempdir().unwrap();
        let mark = format!("30{}", std::process::id());
        let instance = format!("killed{}", std::process::id());
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lifecycle::helper_server", "--nocapture"])
            .env("SANDBOX_TEST_SERVER", dir.path().join("jail"))
            .env("SANDBOX_TEST_MODE", mode)
            .env("SANDBOX_TEST_MARK", &mark)
            .env("SANDBOX_TEST_INSTANCE", &instance)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("SERVING")), "the helper did not start");
        // (A process in the middle of exec shows no command line for a moment.)
        eventually("all run", || processes_with(&mark).len() == 6);
        server.kill().unwrap();
        server.wait().unwrap();
        // The frozen ones too, and without help.
        eventually("all processes are gone", || processes_with(&mark).is_empty());
        eventually("the cgroups are gone", || instance_directories(&instance).is_empty());
    }
}

/// The directories of an instance in any cgroup hierarchy, found without the jail's help.
fn instance_directories(instance: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![std::path::PathBuf::from("/sys/fs/cgroup")];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&format!("loggia-{instance}.")) {
                found.push(entry.path());
            } else if entry.file_type().is_ok_and(|t| t.is_dir()) {
                open.push(entry.path());
            }
        }
    }
    found
}

/// A process id that no machine has.
const NOBODY: i32 = i32::MAX;

#[test]
fn the_end_of_a_killed_server_does_not_touch_its_successor() {
    let rig = Rig::new();
    if !rig.has("freezer") {
        return;
    }
    let instance = format!("heir{}", std::process::id());
    let config = |name: &str| sandbox::JailConfig::new(&instance, rig.dir.path().join(name), Mode::Auto);
    let old = sandbox::Jail::new(config("old")).unwrap();
    let heir = sandbox::Jail::new(config("heir")).unwrap();
    let process = heir.start(rig.spec("/bin/sleep", &["1000"])).unwrap();
    let both = instance_directories(&instance).len();
    drop(old);
    eventually("the old jail's groups are gone", || instance_directories(&instance).len() * 2 <= both);
    assert!(process.try_wait().is_none(), "the successor's sandbox lives on");
    assert!(heir.start(rig.spec("/bin/true", &[])).is_ok(), "and it can start another");
}

#[test]
fn a_successor_sweeps_what_a_predecessor_left() {
    let rig = Rig::new();
    if !rig.has("freezer") {
        return;
    }
    // A leaf with a living, frozen process of which no jail knows.
    let instance = format!("left{}", std::process::id());
    let config = || sandbox::JailConfig::new(&instance, rig.dir.path().join("other"), Mode::Auto);
    drop(sandbox::Jail::new(config()).unwrap());
    let report = rig.jail.report();
    let freezer = report.rows.iter().find(|row| row.name == "freezer").unwrap().detail.clone();
    let ours = std::path::Path::new(freezer.rsplit(' ').next().unwrap());
    let leaf = ours.parent().unwrap().join(format!("loggia-{instance}.{NOBODY}.0")).join("orphan");
    std::fs::create_dir_all(&leaf).unwrap();
    let mut orphan = Command::new("/bin/sleep").arg("1000").spawn().unwrap();
    std::fs::write(leaf.join("cgroup.procs"), orphan.id().to_string()).unwrap();
    let frozen = if leaf.join("freezer.state").exists() {
        ("freezer.state", "FROZEN")
    } else {
        ("cgroup.freeze", "1")
    };
    std::fs::write(leaf.join(frozen.0), frozen.1).unwrap();
    // The orphan is our child: somebody has to collect it before its cgroup can go.
    let collector = std::thread::spawn(move || orphan.wait().unwrap());
    let jail = sandbox::Jail::new(config()).unwrap();
    assert!(!collector.join().unwrap().success());
    assert!(!leaf.exists());
    drop(jail);
    assert_eq!(instance_directories(&instance), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_dead_spawner_is_replaced() {
    let rig = Rig::new();
    let mark = format!("40{}", std::process::id());
    let (_process, _out, _err) = rig.start(rig.spec("/bin/sleep", &[&mark])).unwrap();
    let me = std::process::id();
    let is_ours = |pid: &i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.contains(&format!("PPid:\t{me}\n"))
    };
    let spawners: Vec<i32> = processes_with("loggia-sandbox-spawner").into_iter().filter(is_ours).collect();
    // Under a plain `cargo test` the spawners of other tests are our children, too; with nextest there is one.
    if let [spawner] = spawners[..] {
        Command::new("kill").args(["-9", &spawner.to_string()]).status().unwrap();
        eventually("its sandboxes die with it", || processes_with(&mark).is_empty());
        assert_eq!(rig.shell("echo again").stdout, "again\n");
    }
}

#[test]
fn output_of_a_killed_program_ends() {
    let rig = Rig::new();
    let (process, mut out, _err) = rig.start(rig.spec("/bin/sh", &["-c", "echo one; sleep 1000"])).unwrap();
    let mut first = [0; 4];
    out.read_exact(&mut first).unwrap();
    process.kill();
    // All write ends are gone with the processes: no copy is left in the spawner or in init.
    assert_eq!(out.read_to_string(&mut String::new()).unwrap(), 0);
}
