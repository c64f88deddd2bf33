//! Where the stage ends and the path begins.

use super::*;

fn check(full_path: &str, stage: &str, path: &str) {
    let (found, at) = split_stage(full_path);
    assert_eq!((found, &full_path[at..]), (stage, path), "{full_path}");
}

#[test]
fn stages_and_paths() {
    check("/prod", "prod", "");
    check("/prod/", "prod", "/");
    check("/prod/a/b/", "prod", "/a/b/");
    check("/prod//a", "prod", "/a");
    check("/prod///", "prod", "/");
    check("/prod/a//b", "prod", "/a//b");
    check("/", "", "");
    check("", "", "");
    check("//a", "", "/a");
    check("/pröd/é", "pröd", "/é");
}
