//! What a program sees, and what it may not do.

use sandbox::{End, Mode, Mount, Network};

use crate::rig::{PYTHON, Rig, check_python, exists};

#[test]
fn interpreters_run() {
    let rig = Rig::new();
    check_python(&rig, "import ssl, json; print('hello', json.dumps([1]))", "hello [1]");
    assert_eq!(rig.shell("echo hello $0").stdout, "hello /bin/sh\n");
    if exists("/usr/bin/node") {
        let code = "console.log('hello', require('os').hostname(), require('os').cpus().length > 0)";
        let mut spec = rig.spec("/usr/bin/node", &["-e", code]);
        spec.memory_bytes = 512 << 20;
        let output = rig.output(spec);
        assert_eq!(output.stdout, "hello 169.254.1.1 true\n", "{}", output.stderr);
    }
}

#[test]
fn an_interpreter_in_a_private_home_runs() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    let private = rig.dir.path().join("private");
    let home = private.join("home");
    std::fs::create_dir_all(home.join("bin")).unwrap();
    std::fs::copy("/bin/sh", home.join("bin/sh")).unwrap();
    std::fs::set_permissions(&private, std::fs::Permissions::from_mode(0o700)).unwrap();
    let program = home.join("bin/sh").display().to_string();
    let mut spec = rig.spec(&program, &["-c", "echo $0"]);
    spec.mounts.push(Mount::new(&home, &home));
    let output = rig.output(spec);
    assert_eq!(output.stdout.trim_end(), program, "{}", output.stderr);
}

#[test]
fn the_file_system_is_read_only_and_the_host_invisible() {
    let rig = Rig::new();
    let code =
        std::fs::create_dir_all(rig.dir.path().join("code")).map(|()| rig.dir.path().join("code")).unwrap();
    std::fs::write(code.join("hello.txt"), "hi").unwrap();
    std::fs::write(rig.dir.path().join("secret.txt"), "s").unwrap();
    let try_writes = "
import errno, os
for path in ['/x', '/usr/x', '/etc/x', '/var/task/x', '/var/task/hello.txt', '/opt/x', '/bin/x', '/dev/x', '/proc/sys/kernel/domainname', '/proc/self/comm']:
    try:
        open(path, 'w'); print(path, 'WRITTEN')
    except OSError as e:
        assert e.errno in (errno.EROFS, errno.EACCES, errno.ENOENT, errno.EPERM), (path, e)
print(open('/var/task/hello.txt').read(), sorted(os.listdir('/')), os.listdir('/tmp'), os.listdir('/var'))
";
    let mut spec = rig.spec(PYTHON, &["-c", try_writes]);
    spec.mounts.push(Mount::new(&code, "/var/task"));
    let output = rig.output(spec);
    assert_eq!(output.status.end, End::Code(0), "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.starts_with("hi ["), "{}", output.stdout);
    assert!(!output.stdout.contains("WRITTEN"), "{}", output.stdout);
    for hidden in ["'root'", "'home'", "'boot'", "'work'", "'srv'", "'lib', 'log'"] {
        assert!(!output.stdout.contains(hidden), "{hidden} shows: {}", output.stdout);
    }
    let secret = rig.dir.path().join("secret.txt").display().to_string();
    check_python(
        &rig,
        &format!("import os; print(os.path.exists('{secret}'), os.path.exists('/etc/shadow'))"),
        "False False",
    );
    check_python(
        &rig,
        "import os; print(os.path.exists('/proc/1/root/etc'), os.listdir('/sys'))",
        "False []",
    );
}

#[test]
fn tmp_and_devices_work_as_expected() {
    let rig = Rig::new();
    let code = "
import os, tempfile, multiprocessing
with tempfile.NamedTemporaryFile() as f: f.write(b'x' * 1000)
os.mkdir('/tmp/d'); open('/tmp/d/a', 'w').write('1'); os.rename('/tmp/d/a', '/tmp/b'); os.symlink('b', '/tmp/c')
open('/dev/null', 'w').write('gone')
multiprocessing.Queue()
print(open('/tmp/c').read(), len(open('/dev/urandom', 'rb').read(8)), open('/dev/zero', 'rb').read(2), sorted(os.listdir('/dev')))
";
    let devices = "['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'urandom', 'zero']";
    check_python(&rig, code, &format!("1 8 b'\\x00\\x00' {devices}"));
    check_python(&rig, "import os; print(os.listdir('/tmp'), os.listdir('/dev/shm'))", "[] []");
    assert_eq!(rig.shell("echo there > /dev/stdout").stdout, "there\n");
}

#[test]
fn other_processes_are_invisible() {
    let rig = Rig::new();
    let pids = "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()), os.getpid())";
    check_python(&rig, pids, "[1, 2] 2");
    // Init cannot be looked into, nor stopped.
    let code = "
import os
def refused(f):
    try: f()
    except OSError: return True
    return False
os.kill(1, 9); os.kill(1, 15)
print(refused(lambda: open('/proc/1/environ').read()), refused(lambda: open('/proc/1/mem', 'rb')), refused(lambda: os.readlink('/proc/1/exe')))
";
    check_python(&rig, code, "True True True");
}

#[test]
fn no_privileges_are_left() {
    let rig = Rig::new();
    let status = rig.shell("cat /proc/self/status; id; cat /proc/self/uid_map").stdout;
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000")), "{set} in\n{status}");
    }
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    assert!(status.contains("Seccomp:\t2\n"), "{status}");
    assert!(status.contains("uid=993(sbx_user1051) gid=990(sbx_user1051)"), "{status}");
    if rig.has("own host user") {
        let map = status.lines().last().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(map, "993 200000 1".replace("200000", map.split(' ').nth(1).unwrap()));
        let host: u32 = map.split(' ').nth(1).unwrap().parse().unwrap();
        assert!((200_000..204_096).contains(&host), "{map}");
    }
    // A setuid program gains nothing: its mount says nosuid, and its owner does not exist here, unless that is the
    // server's own user and programs have no other (root of a container).
    if exists("/bin/su") {
        let owner = if rig.has("own host user") || std::env::var("SANDBOX_TEST_CONTAINER").is_err() {
            65534
        } else {
            993
        };
        let code = "import os; print(os.stat('/bin/su').st_uid, os.statvfs('/bin').f_flag & 2)";
        check_python(&rig, code, &format!("{owner} 2"));
    }
}

#[test]
fn seccomp_refuses_what_the_list_says() {
    let rig = Rig::new();
    let program = "
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    return errno.errorcode.get(ctypes.get_errno(), '?') if libc.syscall(number, *args) == -1 else 'OK'
import platform
assert platform.machine() == 'x86_64'
def sock(*a):
    try: socket.socket(*a).close(); return 'OK'
    except OSError as e: return errno.errorcode[e.errno]
print(call(165, b'none', b'/tmp', b'tmpfs', 0, 0), call(101, 0, 0, 0, 0), call(272, 0x10000000), call(272, 0x20000),
  call(56, 0x10000000 | 17, 0, 0, 0, 0), call(435, 0, 0), call(321, 0, 0, 0), call(250, 0, 0, 0, 0, 0), call(298, 0, 0, 0, 0, 0),
  call(323, 0), call(308, 0, 0), call(155, b'.', b'.'), call(161, b'/tmp'), call(425, 1, 0), call(304, 0, 0, 0), call(169, 0, 0, 0, 0),
  call(310, 1, 0, 0, 0, 0, 0), call(135, 0x0008), call(135, 0xffffffff), call(0x40000000 + 39), call(16, 0, 0x5412, 0))
print(sock(socket.AF_INET, socket.SOCK_STREAM), sock(socket.AF_UNIX, socket.SOCK_DGRAM), sock(16, socket.SOCK_RAW, 0), sock(16, socket.SOCK_RAW, 9),
  sock(17, socket.SOCK_RAW, 0), sock(40, socket.SOCK_STREAM), sock(socket.AF_INET, socket.SOCK_RAW, 1), sock(38, socket.SOCK_SEQPACKET))
print(len(socket.if_nameindex()) > 0)
";
    if std::env::consts::ARCH != "x86_64" {
        eprintln!("the call numbers of this test are those of x86-64");
        return;
    }
    let expect = "EPERM EPERM EPERM EPERM EPERM ENOSYS EPERM EPERM EPERM EPERM EPERM EPERM EPERM ENOSYS EPERM EPERM \
                  EPERM EPERM OK ENOSYS EPERM\n\
                  OK OK OK EPERM EPERM EPERM EPERM EPERM\nTrue";
    check_python(&rig, program, expect);
}

#[test]
fn layers_are_merged_in_order() {
    let rig = Rig::new();
    let make = |name: &str, files: &[(&str, &str)]| {
        let dir = rig.dir.path().join(name);
        for (file, content) in files {
            std::fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
            std::fs::write(dir.join(file), content).unwrap();
        }
        dir
    };
    // A comma and a colon would mean something to overlayfs.
    let first = make("a,b:c", &[("both", "first"), ("lib/one", "1")]);
    let second = make("second", &[("both", "second"), ("lib/two", "2")]);
    let mut spec = rig.spec("/bin/sh", &["-c", "cat /opt/both; ls /opt/lib; touch /opt/x || echo read-only"]);
    spec.mounts = vec![Mount::new(first, "/opt"), Mount::new(second, "/opt")];
    if rig.has("merged layers") {
        assert_eq!(rig.output(spec).stdout, "secondone\ntwo\nread-only\n");
    } else {
        let error = rig.start(spec).unwrap_err().to_string();
        assert!(error.contains("merge 2 directories at /opt"), "{error}");
    }
}

#[test]
fn a_socket_of_the_host_can_be_shown() {
    use std::io::{Read, Write};
    let rig = Rig::new();
    let path = rig.dir.path().join("api.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let code = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/api.sock'); s.send(b'ping'); print(s.recv(9))";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.mounts.push(Mount::new(&path, "/run/api.sock"));
    let (_process, mut out, _err) = rig.start(spec).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    let mut ping = [0; 4];
    peer.read_exact(&mut ping).unwrap();
    peer.write_all(b"pong").unwrap();
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    assert_eq!((&ping, text.as_str()), (b"ping", "b'pong'\n"));
}

#[test]
fn an_isolated_network_has_loopback_only() {
    let rig = Rig::new();
    if !rig.has("network namespace") {
        return;
    }
    let code = "
import socket
print([name for _, name in socket.if_nameindex()])
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); c = socket.create_connection(s.getsockname()); print(c.getpeername()[0])
";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    spec.network = Network::Isolated;
    let output = rig.output(spec);
    assert_eq!(output.stdout, "['lo']\n127.0.0.1\n", "{}", output.stderr);
}

#[test]
fn abstract_sockets_of_the_host_are_out_of_reach() {
    use std::os::linux::net::SocketAddrExt;
    let rig = Rig::new();
    let name = format!("loggia-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
    let landlock = rig.jail.report().rows.iter().find(|r| r.name == "landlock").unwrap().detail.clone();
    if !matches!(landlock.strip_prefix("ABI ").and_then(|n| n.parse::<u32>().ok()), Some(6..)) {
        eprintln!("landlock {landlock} does not know abstract sockets");
        return;
    }
    let code = format!(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ntry: s.connect('\\0{name}'); print('connected')\nexcept PermissionError: print('refused')"
    );
    check_python(&rig, &code, "refused");
}

#[test]
fn environment_and_descriptors_do_not_leak() {
    let rig = Rig::new();
    let code = "import os; print(sorted(os.environ), os.getcwd(), [n for n in range(300) if os.path.lexists(f'/proc/self/fd/{n}')], os.read(7, 9))";
    let mut spec = rig.spec(PYTHON, &["-c", code]);
    let (read, mut write) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut write, b"seven").unwrap();
    spec.fds.push((read.into(), 7));
    spec.cwd = "/tmp".into();
    let output = rig.output(spec);
    assert_eq!(output.stdout, "['LANG', 'PATH'] /tmp [0, 1, 2, 7] b'seven'\n", "{}", output.stderr);
}

#[test]
fn errors_name_the_step_and_the_object() {
    let rig = Rig::new();
    let check = |change: &dyn Fn(&mut sandbox::Spec), expect: &str| {
        let mut spec = rig.spec("/bin/true", &[]);
        change(&mut spec);
        let error = rig.jail.start(spec).unwrap_err().to_string();
        assert_eq!(error, expect);
    };
    check(&|s| s.program = "/bin/nothing".into(), "execute /bin/nothing: ENOENT");
    check(&|s| s.program = "/etc/passwd".into(), "execute /etc/passwd: EACCES");
    check(&|s| s.cwd = "/nowhere".into(), "change to /nowhere: ENOENT");
    check(&|s| s.mounts.push(Mount::new("/not/here", "/opt")), "stat /not/here: ENOENT");
    check(&|s| s.program = "true".into(), "sandbox: invalid program: true is not a plain absolute path");
    check(
        &|s| s.mounts.push(Mount::new("/usr", "/opt/../etc")),
        "sandbox: invalid mount target: /opt/../etc is not a plain absolute path",
    );
    check(&|s| s.id = "../x".into(), "sandbox: invalid id: \"../x\" is not 1 to 100 of A-Z a-z 0-9 _ - .");
}

#[test]
fn switched_off_it_runs_plainly_and_says_so() {
    let rig = Rig::with_mode(Mode::Off);
    let report = rig.jail.report();
    assert!(report.summary.starts_with("NOT ISOLATED: the sandbox is switched off"), "{report}");
    assert!(!report.is_isolated());
    let code = rig.dir.path().join("code");
    std::fs::create_dir(&code).unwrap();
    std::fs::write(code.join("m.py"), "import os; print(os.getcwd(), os.environ['TASK'])").unwrap();
    let mut spec = rig.spec(PYTHON, &["/var/task/m.py"]);
    spec.mounts.push(Mount::new(&code, "/var/task"));
    spec.cwd = "/var/task".into();
    spec.env.push(("TASK".into(), "/var/task".into()));
    let output = rig.output(spec);
    assert_eq!(output.stdout, format!("{0} {0}\n", code.display()), "{}", output.stderr);
}
