//! Paths, their forms and what may be done to them.

use super::{Limit, Target, method, parse};
use crate::generated::PatchOperation;
use crate::patch::Patch;

#[test]
fn methods_of_a_stage() {
    let limited = |method: &str| {
        Some(Target::MethodLimit { stage: "abc:dev".into(), method: method.into(), limit: Limit::Rate })
    };
    for (path, expect) in [
        ("/apiStages/abc:dev/throttle", Some(Target::StageThrottle("abc:dev".into()))),
        ("/apiStages/abc:dev/throttle/~1pets~1{id}/GET/rateLimit", limited("/pets/{id}/GET")),
        ("/apiStages/abc:dev/throttle//pets/GET/rateLimit", limited("/pets/GET")),
        ("/apiStages/abc:dev/throttle/~1/GET/rateLimit", limited("//GET")),
        ("/apiStages/abc:dev/throttle/*/*/rateLimit", limited("*/*")),
        (
            "/apiStages/abc:dev/throttle/~1pets/GET",
            Some(Target::MethodThrottle { stage: "abc:dev".into(), method: "/pets/GET".into() }),
        ),
        ("/apiStages/abc:dev", None),
        ("/apiStages/abc:dev/throttle/GET", None),
        ("/apiStages/abc:dev/throttles", None),
        ("/throttle/other", None),
    ] {
        assert_eq!(parse(path), expect, "{path}");
    }
    assert_eq!(method("/pets/GET"), "/pets/GET");
    assert_eq!(method("pets/GET"), "/pets/GET");
}

#[test]
fn what_is_not_allowed() {
    let said = |op: &str, path: &str| {
        let operation =
            PatchOperation { op: Some(op.into()), path: Some(path.into()), ..PatchOperation::default() };
        let patch = Patch::parse(Some(vec![operation])).remove(0);
        Target::of(&patch).err().map_or_else(String::new, |error| error.to_string())
    };
    assert_eq!(
        said("remove", "/apiStages/abc:dev"),
        "Invalid patch path  '/apiStages/abc:dev' specified for op 'remove'. Must be one of: [/apiStages, /quota, /throttle, /productCode, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle]"
    );
    assert!(said("add", "/name").starts_with("Invalid patch path  '/name' specified for op 'add'. Must be"));
    assert!(said("copy", "/name").ends_with("Please choose supported operations"));
    assert_eq!(said("replace", "/quota/limit"), "");
    assert_eq!(said("add", "/throttle/rateLimit"), "");
}
