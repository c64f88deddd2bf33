//! Memory, CPU, processes, files: what is asked for is what a program gets.

use sandbox::End;

use crate::rig::{PYTHON, Rig};

#[test]
fn memory_is_limited() {
    let rig = Rig::new();
    let check = |code: &str, killed: bool| {
        let mut spec = rig.spec(PYTHON, &["-c", code]);
        spec.memory_bytes = 64 << 20;
        spec.tmp_bytes = 200 << 20;
        let output = rig.output(spec);
        let expect = if killed { End::Signal(9) } else { End::Code(0) };
        assert_eq!(
            (output.status.end, output.status.oom_killed),
            (expect, killed),
            "{code}\n{}",
            output.stderr
        );
    };
    // Far more than the kernel's own limit, which leaves room for /tmp; and more than the limit but less than that.
    check("b = [bytearray(1 << 20) for _ in range(1000)]", true);
    check("import time; b = bytearray(120 << 20); time.sleep(5)", true);
    check("b = bytearray(20 << 20)", false);
    // Files in /tmp are not memory.
    check(
        "f = open('/tmp/f', 'wb')\nfor _ in range(150): f.write(b'x' * (1 << 20))\nimport time; time.sleep(0.3)",
        false,
    );
}

#[test]
fn memory_use_is_told() {
    let rig = Rig::new();
    if !rig.has("memory limit") {
        return;
    }
    let code = "b = bytearray(50 << 20); print('ready', flush=True); del b; input()";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    let (inside, outside) = std::io::pipe().unwrap();
    spec.fds.push((inside.into(), 0));
    let (process, out, _err) = rig.start(spec).unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut String::new()).unwrap();
    let peak = process.memory_peak_bytes().unwrap();
    assert!((50 << 20..100 << 20).contains(&peak), "peak {peak}");
    crate::rig::eventually("memory is given back", || process.memory_now_bytes().unwrap() < 40 << 20);
    process.set_limits(128 << 20, 500).unwrap();
    drop(outside);
    assert!(!process.wait().unwrap().oom_killed);
}

#[test]
fn a_fork_bomb_is_contained() {
    let rig = Rig::new();
    let code = "
import os, time
n = 0
try:
    while n < 500:
        if os.fork() == 0: time.sleep(60)
        n += 1
except OSError: pass
print(n)
";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.pids_max = 20;
    let output = rig.output(spec);
    assert_eq!(output.stdout, "19\n", "{}", output.stderr);
    // Forking without end harms nobody else, and is ended like anything.
    let mut spec = rig.spec("/bin/sh", &["-c", "f() { f | f & }; (f &); exec sleep 60"]);
    spec.pids_max = 30;
    let (bomb, _out, _err) = rig.start(spec).unwrap();
    assert_eq!(rig.shell("echo fine").stdout, "fine\n");
    bomb.kill();
    assert_eq!(bomb.wait().unwrap().end, End::Signal(9));
}

#[test]
fn tmp_has_its_size() {
    let rig = Rig::new();
    let code = "
import errno, os
f, n = os.open('/tmp/f', os.O_CREAT | os.O_WRONLY), 0
try:
    while n < 1 << 30: n += os.write(f, b'x' * 65536)
except OSError as e: print(errno.errorcode[e.errno], n >> 16)
";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.tmp_bytes = 8 << 20;
    let output = rig.output(spec);
    assert_eq!(output.stdout, "ENOSPC 128\n", "{}", output.stderr);
}

#[test]
fn files_have_limits() {
    let rig = Rig::new();
    let code = "
import resource, signal, errno
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try: open('/tmp/f', 'wb').write(b'x' * 100000)
except OSError as e: print(errno.errorcode[e.errno])
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
fs = []
try:
    while True: fs.append(open('/dev/null'))
except OSError as e: print(errno.errorcode[e.errno], len(fs))
";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.file_size_max = Some(50_000);
    spec.open_files_max = 100;
    let output = rig.output(spec);
    assert_eq!(output.stdout, "EFBIG\n(100, 100) (0, 0)\nEMFILE 97\n", "{}", output.stderr);
}

#[test]
fn cpu_is_shared_out() {
    let rig = Rig::new();
    if !rig.has("cpu share") {
        return;
    }
    let code = "
import time
end = time.monotonic() + 0.6
while time.monotonic() < end: pass
print(time.process_time())
";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.cpu_millis = 100;
    let output = rig.output(spec);
    let used: f64 = output.stdout.trim().parse().unwrap();
    // A tenth of 0.6 s, plus what starting the interpreter took.
    assert!(used < 0.25, "used {used} s of CPU");
}
