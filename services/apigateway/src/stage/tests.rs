//! Patches of a stage.

use super::needs_logs_role;
use crate::generated::PatchOperation;
use crate::patch::Patch;
use crate::tables::StageRecord;

fn patches(op: &str, path: &str, value: &str) -> Vec<Patch> {
    let value = Some(value.to_owned()).filter(|value| !value.is_empty());
    Patch::parse(Some(vec![PatchOperation {
        op: Some(op.into()),
        path: Some(path.into()),
        value,
        from: None,
    }]))
}

/// Applies one patch after the other; gives the stage, or the first line of what was said.
fn check(rows: &[(&str, &str, &str)]) -> Result<StageRecord, String> {
    let mut stage = StageRecord { deployment_id: "abc123".into(), ..StageRecord::default() };
    for (op, path, value) in rows {
        stage.apply(&patches(op, path, value)).map_err(|error| error.to_string())?;
    }
    Ok(stage)
}

#[test]
fn throttling_of_all_methods_has_two_spellings() {
    for path in ["/throttling/rateLimit", "/*/*/throttling/rateLimit"] {
        let stage = check(&[("replace", path, "1000")]).unwrap();
        assert_eq!(stage.method_settings["*/*"].throttling_rate_limit, Some(1000.0));
        assert_eq!(stage.method_settings["*/*"].throttling_burst_limit, Some(5000));
    }
}

#[test]
fn settings_are_published_by_whole_path() {
    let stage = check(&[
        ("replace", "/~1users~1{id}/GET/throttling/burstLimit", "7"),
        ("replace", "/pets/ANY/metrics/enabled", "true"),
        ("replace", "/~1/GET/metrics/enabled", "true"),
        ("replace", "/*/*/logging/dataTrace", "true"),
    ])
    .unwrap();
    let shown: Vec<_> = stage.method_settings.keys().cloned().collect();
    assert_eq!(shown, ["*/*", "pets/ANY", "~1/GET", "~1users~1{id}/GET"]);
    let published: Vec<_> = crate::method_settings::published(&stage.method_settings).into_keys().collect();
    assert_eq!(published, ["*/*", "//GET", "/pets/ANY", "/users/{id}/GET"]);
}

#[test]
fn what_is_refused() {
    for (op, path, value, expect) in [
        (
            "replace",
            "/tags/tag1",
            "x",
            "Invalid method setting path: /tags/tag1. Must be one of: [/deploymentId, ",
        ),
        (
            "replace",
            "/*/*/throttling/other",
            "1",
            "Invalid method setting path: /*/*/throttling/other. Must be",
        ),
        ("replace", "/*/*/throttling/rateLimit", "x", "Invalid value 'x' for /*/*/throttling/rateLimit"),
        (
            "add",
            "/canarySettings/deploymentId",
            "x",
            "Invalid add operation with path: /canarySettings/deploymentId",
        ),
        (
            "remove",
            "/canarySettings/badPath",
            "",
            "Cannot remove method setting canarySettings/badPath because there is no method setting for this method ",
        ),
        (
            "replace",
            "/canarySettings/percentTraffic",
            "101",
            "Percent traffic of a canary must be between 0.0 and 100.0",
        ),
        (
            "replace",
            "/cacheClusterSize",
            "2",
            "Invalid CacheClusterSize specified. Valid options are 0.5,1.6,6.1,",
        ),
        (
            "replace",
            "/*/*/caching/ttlInSeconds",
            "3601",
            "Invalid value '3601' for /*/*/caching/ttlInSeconds",
        ),
        (
            "replace",
            "/variables/a:b",
            "x",
            "Invalid stage variable name: a:b.  Please use names with only word ",
        ),
        (
            "replace",
            "/variables/a",
            "",
            "Invalid stage variable value: .  Please use values with alphanumeric ",
        ),
        ("replace", "/accessLogSettings/destinationArn", "x", "Invalid ARN specified in the request"),
    ] {
        let said = check(&[(op, path, value)]).expect_err(path);
        assert!(said.starts_with(expect), "{op} {path}: {said}");
    }
}

#[test]
fn what_is_taken_away() {
    let stage = check(&[
        ("replace", "/variables/a", "x"),
        ("remove", "/variables/a", ""),
        ("replace", "/pets/GET/metrics/enabled", "true"),
        ("remove", "/pets/GET", ""),
        ("add", "/accessLogSettings/format", "$context.requestId"),
        ("remove", "/accessLogSettings", ""),
        ("replace", "/cacheClusterEnabled", "false"),
    ])
    .unwrap();
    assert_eq!(stage, StageRecord { deployment_id: "abc123".into(), ..StageRecord::default() });
}

#[test]
fn logging_needs_a_role() {
    for (path, value, expect) in [
        ("/*/*/logging/loglevel", "INFO", true),
        ("/*/*/logging/loglevel", "OFF", false),
        ("/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:000000000000:log-group:x", true),
        ("/*/*/logging/dataTrace", "true", false),
    ] {
        assert_eq!(needs_logs_role(&patches("replace", path, value)), expect, "{path} {value}");
    }
}
