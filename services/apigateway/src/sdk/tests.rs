//! Names of methods.

use super::*;

fn check(path: &str, verb: &str, expect: &str) {
    assert_eq!(name(path, verb), expect);
}

#[test]
fn methods_are_named_by_path_and_verb() {
    check("/", "GET", "rootGet");
    check("/pets", "OPTIONS", "petsOptions");
    check("/pets/{petId}", "GET", "petsPetIdGet");
    check("/a-b/{proxy+}", "ANY", "aBProxyAny");
    check("/Users/v2.1", "DELETE", "usersV21Delete");
    check("/2024", "POST", "_2024Post");
}
