//! The same promises for a server that is an ordinary user: this test starts itself again as `nobody`.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::rig::{Rig, is_root};

#[test]
fn an_ordinary_user_can_isolate_too() {
    if !is_root() {
        eprintln!("not root: the other tests are this test");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let exe = dir.path().join("contracts");
    std::fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    std::fs::set_permissions(&exe, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new("timeout")
        .args(["-k", "1", "90", "setpriv"])
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"])
        .arg(&exe)
        .args(["--test-threads", "2", "--skip", "helper_server", "isolation::", "limits::", "lifecycle::"])
        .arg("without_root::report")
        .env("TMPDIR", dir.path())
        .env("HOME", dir.path())
        .current_dir(dir.path())
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    let passed =
        text.split("test result: ok. ").nth(1).and_then(|t| t.split(' ').next()?.parse::<u32>().ok());
    assert!(passed.is_some_and(|n| n > 25), "too few tests ran: {text}");
}

#[test]
fn report_says_what_holds_here() {
    let rig = Rig::new();
    let report = rig.jail.report();
    assert!(report.is_isolated(), "{report}");
    assert_eq!(rig.has("own host user"), is_root() && std::env::var("SANDBOX_TEST_CONTAINER").is_err());
    assert!(report.to_string().contains("user namespace"), "{report}");
    assert_eq!(report.missing_essentials(), "");
    println!("{report}");
}

/// Not a test of its own: what `a_machine_without_user_namespaces` runs where there are none.
#[test]
fn helper_without_namespaces() {
    if std::env::var("SANDBOX_TEST_BARE").is_err() {
        return;
    }
    let rig = Rig::new();
    let report = rig.jail.report();
    assert!(report.summary.starts_with("NOT ISOLATED"), "{report}");
    let code = rig.dir.path().join("code");
    std::fs::create_dir(&code).unwrap();
    std::fs::write(code.join("run"), "grep Seccomp: /proc/self/status; pwd").unwrap();
    let spec = |rig: &Rig| {
        let mut spec = rig.spec("/bin/sh", &["/var/task/run"]);
        spec.mounts.push(sandbox::Mount::new(&code, "/var/task"));
        spec.cwd = "/var/task".into();
        spec
    };
    assert_eq!(rig.output(spec(&rig)).stdout, format!("Seccomp:\t2\n{}\n", code.display()));
    let strict = Rig::with_mode(sandbox::Mode::Required);
    let error = strict.jail.start(spec(&strict)).unwrap_err().to_string();
    assert!(error.starts_with("the sandbox is required but this machine lacks: user namespace ("), "{error}");
    assert!(error.contains("mount namespace (unshare user and mount namespaces: "), "{error}");
    println!("BARE AND CORRECT");
}

#[test]
fn a_machine_without_user_namespaces() {
    if !is_root() {
        return;
    }
    // A user namespace in which no others may be made, and no capabilities in it.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all --inh-caps -all \
                  --securebits +noroot,+noroot_locked \"$0\" --exact without_root::helper_without_namespaces --nocapture";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("SANDBOX_TEST_BARE", "1")
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("BARE AND CORRECT"), "{text}");
}

#[test]
fn root_of_a_container_can_isolate_too() {
    if !is_root() {
        return;
    }
    // Root of a user namespace with one user, in which capabilities count but other ids do not exist.
    let inside = |prepare: &str, filter: &str| {
        let script = format!(
            "{prepare} exec unshare --user --map-root-user --mount timeout -k 1 60 \"$0\" --test-threads 2 {filter}"
        );
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", &script])
            .arg(std::env::current_exe().unwrap())
            .env("SANDBOX_TEST_CONTAINER", "1")
            .output()
            .unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let passed =
            text.split("test result: ok. ").nth(1).and_then(|t| t.split(' ').next()?.parse::<u32>().ok());
        assert!(output.status.success() && passed.is_some_and(|n| n > 0), "{filter}: {text}");
    };
    inside("", "isolation:: --skip private_home");
    // Container runtimes cover parts of /proc; then the kernel allows no second one.
    inside("mount --bind /dev/null /proc/uptime &&", "without_root::helper_without_proc");
}

/// Not a test of its own: what `root_of_a_container_can_isolate_too` runs where `/proc` is partly covered.
#[test]
fn helper_without_proc() {
    if std::env::var("SANDBOX_TEST_CONTAINER").is_err() {
        return;
    }
    let rig = Rig::new();
    let report = rig.jail.report();
    assert!(report.is_isolated(), "{report}");
    assert!(!rig.has("own /proc"), "{report}");
    assert_eq!(rig.shell("id -u; ls /proc /home 2>&1; echo $$").stdout.lines().last(), Some("2"));
}
