//! Paths, and what AWS was recorded to answer to wrong ones.

use super::{ENTRY, Op, Patch, REPLACE, Rule, check, check_by_op};
use crate::generated::PatchOperation;

const RULES: &[Rule] = &[("/parentId", REPLACE), ("/pathPart", REPLACE), ("/templates/{}", ENTRY)];

fn patch(op: &str, path: &str) -> Patch {
    let operation = PatchOperation { op: Some(op.into()), path: Some(path.into()), ..Default::default() };
    Patch::parse(Some(vec![operation])).remove(0)
}

fn said(found: Result<&'static str, crate::error::Error>) -> String {
    found.map_or_else(|error| error.to_string(), str::to_owned)
}

#[test]
fn paths_are_taken_apart() {
    let found = patch("add", "/templates/application~1json~0");
    assert_eq!((found.op, found.last()), (Op::Add, "application/json~"));
    assert_eq!(found.parts.len(), 2);
}

#[test]
fn unknown_path_and_wrong_operation_are_told_apart() {
    for (op, path, expect) in [
        ("replace", "/pathPart", "/pathPart"),
        ("remove", "/templates/a~1b", "/templates/{}"),
        ("add", "/templates", "Invalid patch path /templates"),
        ("add", "/templates/a/b", "Invalid patch path /templates/a/b"),
        ("add", "/templates/", "Invalid patch path /templates/"),
        ("add", "/pathPart", "Invalid patch operation specified. Must be one of: [replace]"),
        ("test", "/templates/a", "Invalid patch operation specified. Must be one of: [add, replace, remove]"),
    ] {
        assert_eq!(said(check(RULES, &patch(op, path))), expect, "{op} {path}");
    }
}

#[test]
fn tables_by_operation_name_what_it_may_touch() {
    let rules = &RULES[..2];
    for (op, path, expect) in [
        ("replace", "/parentId", "/parentId"),
        (
            "replace",
            "/invalid",
            "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
        ),
        (
            "remove",
            "/pathPart",
            "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
        ),
    ] {
        assert_eq!(said(check_by_op(rules, &patch(op, path))), expect, "{op} {path}");
    }
}
