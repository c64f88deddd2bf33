//! Which strings are taken for paths inside, and what becomes of them.

use super::*;

#[test]
fn paths_inside_become_paths_outside() {
    let mounts = vec![
        PlanMount { target: "/var/task".into(), sources: vec!["/data/code".into()] },
        PlanMount { target: "/opt".into(), sources: vec!["/nowhere/a".into(), "/usr".into()] },
    ];
    let check = |inside: &str, outside: &str| {
        assert_eq!(list(OsStr::new(inside), &mounts), OsString::from(outside), "{inside}");
    };
    check("/var/task", "/data/code");
    check("/var/task/x/y", "/data/code/x/y");
    check("/var/tasks", "/var/tasks");
    check("handler.main", "handler.main");
    check("/opt/lib:/lib:/var/task", "/usr/lib:/lib:/data/code");
    check("/opt/not-there", "/usr/not-there");
}
