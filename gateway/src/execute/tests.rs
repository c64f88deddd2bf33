//! Where the stage ends and the path begins.

use proptest::prelude::*;

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

proptest! {
    #[test]
    fn any_path(path in "[/a%\\PC]{0,30}") {
        let (stage, at) = split_stage(&path);
        prop_assert!(!stage.contains('/') && path.is_char_boundary(at));
        prop_assert!(path[at..].is_empty() || path[at..].starts_with('/') && !path[at..].starts_with("//"), "{path}");
    }
}
