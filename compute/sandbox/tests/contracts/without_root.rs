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
    let output = Command::new("setpriv")
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
    assert!(text.contains("ok. 2") || text.contains("ok. 3"), "too few tests ran: {text}");
}

#[test]
fn report_says_what_holds_here() {
    let rig = Rig::new();
    let report = rig.jail.report();
    assert!(report.is_isolated(), "{report}");
    assert_eq!(rig.has("own host user"), is_root());
    assert!(report.to_string().contains("user namespace"), "{report}");
    assert_eq!(report.missing_essentials(), "");
    println!("{report}");
}
