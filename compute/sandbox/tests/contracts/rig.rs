//! A jail in a temporary folder, and one way to run a program in it.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sandbox::{Error, ExitStatus, Jail, JailConfig, Mode, Network, Process, Spec};

pub struct Rig {
    pub jail: Jail,
    pub dir: tempfile::TempDir,
    next: AtomicU32,
}

pub struct Output {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

pub const PYTHON: &str = "/usr/bin/python3";

impl Rig {
    pub fn new() -> Rig {
        Rig::with_mode(Mode::Auto)
    }

    pub fn with_mode(mode: Mode) -> Rig {
        let dir = tempfile::tempdir().unwrap();
        // The test's name, so that whatever is left behind tells whose it is.
        let test = std::thread::current().name().unwrap_or("main").replace("::", ".");
        let unique = dir.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_owned();
        let instance = format!("{}-{unique}", test.split('.').next_back().unwrap());
        let jail = Jail::new(JailConfig::new(instance, dir.path().join("jail"), mode)).unwrap();
        Rig { jail, dir, next: AtomicU32::new(0) }
    }

    pub fn spec(&self, program: &str, args: &[&str]) -> Spec {
        Spec {
            id: format!("t{}", self.next.fetch_add(1, Ordering::Relaxed)),
            program: program.into(),
            args: args.iter().map(Into::into).collect(),
            env: vec![("PATH".into(), "/usr/bin:/bin".into()), ("LANG".into(), "C.UTF-8".into())],
            cwd: "/".into(),
            mounts: Vec::new(),
            tmp_bytes: 16 << 20,
            memory_bytes: 256 << 20,
            cpu_millis: 0,
            pids_max: 64,
            open_files_max: 1024,
            file_size_max: None,
            fds: Vec::new(),
            network: Network::Host,
            hostname: "169.254.1.1".into(),
        }
    }

    /// Starts with standard output and error on pipes.
    pub fn start(&self, mut spec: Spec) -> Result<(Process, File, File), Error> {
        let (out, out_inside) = std::io::pipe().unwrap();
        let (err, err_inside) = std::io::pipe().unwrap();
        spec.fds.push((OwnedFd::from(out_inside), 1));
        spec.fds.push((OwnedFd::from(err_inside), 2));
        let process = self.jail.start(spec)?;
        Ok((process, File::from(OwnedFd::from(out)), File::from(OwnedFd::from(err))))
    }

    pub fn output(&self, spec: Spec) -> Output {
        let (process, mut out, mut err) = self.start(spec).unwrap_or_else(|e| panic!("start: {e}"));
        let (mut stdout, mut stderr) = (String::new(), String::new());
        out.read_to_string(&mut stdout).unwrap();
        err.read_to_string(&mut stderr).unwrap();
        Output { status: process.wait().unwrap(), stdout, stderr }
    }

    pub fn python(&self, code: &str) -> Output {
        self.output(self.spec(PYTHON, &["-c", code]))
    }

    pub fn shell(&self, code: &str) -> Output {
        self.output(self.spec("/bin/sh", &["-c", code]))
    }

    pub fn has(&self, name: &str) -> bool {
        let report = self.jail.report();
        let row = report.rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"));
        if !row.ok {
            eprintln!("not on this machine: {name}: {}", row.detail);
        }
        row.ok
    }
}

/// Runs Python code that prints one line and ends well; checks that line.
pub fn check_python(rig: &Rig, code: &str, expect: &str) {
    let output = rig.python(code);
    assert_eq!(output.stdout.trim_end(), expect, "{code}\n{}", output.stderr);
    assert_eq!(output.status.end, sandbox::End::Code(0), "{code}\n{}", output.stderr);
}

/// Ids of processes whose command line contains `mark`.
pub fn processes_with(mark: &str) -> Vec<i32> {
    let of = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&line).contains(mark).then_some(pid)
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(of).collect()
}

/// Waits for something that another process does; panics after 10 seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let since = std::time::Instant::now();
    while !holds() {
        assert!(since.elapsed().as_secs() < 10, "in vain: {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

pub fn exists(path: &str) -> bool {
    Path::new(path).exists()
}
