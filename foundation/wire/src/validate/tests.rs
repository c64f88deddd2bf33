//! Texts as AWS gives them. Sources are answers of AWS quoted in public issues unless a line says otherwise.

use serde_json::json;

use super::*;
use crate::model::Protocol;
use crate::params::from_json;

fn model(service: &str) -> Model {
    let path = format!("{}/../../models/{service}.json", env!("CARGO_MANIFEST_DIR"));
    Model::load(&std::fs::read(path).unwrap()).unwrap()
}

fn check(service: &str, operation: &str, params: serde_json::Value, expect: &[&str]) {
    let model = model(service);
    let operation = model.operation(operation).unwrap();
    let input = from_json(&model, operation.input.unwrap(), params).unwrap();
    let violations = validate(&model, operation, &input);
    let texts: Vec<String> = violations
        .iter()
        .map(|one| describe(std::slice::from_ref(one)).split_once(": ").unwrap().1.to_owned())
        .collect();
    assert_eq!(texts, expect, "{} {}", operation.name, input.kind());
}

#[test]
fn violations_read_as_aws_words_them() {
    let long = "a".repeat(141);
    check(
        "sts",
        "AssumeRole",
        json!({ "RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "s" }),
        &[
            "Value 's' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ],
    );
    check(
        "sts",
        "AssumeRole",
        json!({ "RoleArn": "arn:aws:iam::000000000000:role/r" }),
        &["Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"],
    );
    check(
        "iam",
        "TagUser",
        json!({ "UserName": "u", "Tags": [{ "Key": "k", "Value": "v" }, { "Key": "k", "Value": "a, b" }] }),
        &[
            "Value 'a, b' at 'tags.2.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
        ],
    );
    check(
        "lambda",
        "GetFunction",
        json!({ "FunctionName": "Not Installed" }),
        &[&format!(
            "Value 'Not Installed' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: {}",
            pattern_of("lambda", "GetFunction", "FunctionName"),
        )],
    );
    let role = "arn:aws:iam::000000000000:role/r";
    check(
        "sts",
        "AssumeRole",
        json!({ "RoleArn": role, "RoleSessionName": long }),
        &[&format!(
            "Value '{long}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64"
        )],
    );
    check(
        "lambda",
        "Invoke",
        json!({ "FunctionName": "f", "LogType": "Head" }),
        &[
            "Value 'Head' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail]",
        ],
    );
}

fn pattern_of(service: &str, operation: &str, member: &str) -> String {
    let model = model(service);
    let id = model.operation(operation).unwrap().input.unwrap();
    let schema = model.schema(model.structure(id).unwrap().member(member).unwrap().schema);
    schema.constraints.pattern.as_ref().unwrap().text.to_string()
}

#[test]
fn lists_and_maps_are_spoken_of_as_a_whole() {
    let function = |extra: serde_json::Value| {
        let mut all = json!({
            "FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "h.h",
            "Runtime": "python3.13", "Code": { "ZipFile": "zip" },
        });
        all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        all
    };
    check(
        "lambda",
        "CreateFunction",
        function(json!({ "Architectures": ["x86"] })),
        &[
            "Value '[x86]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        ],
    );
    // The variables' shape is sensitive.
    check(
        "lambda",
        "CreateFunction",
        function(json!({ "Environment": { "Variables": { "1A": "x" } } })),
        &[
            "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
        ],
    );
    check(
        "lambda",
        "UpdateAlias",
        json!({ "FunctionName": "f", "Name": "a",
        "RoutingConfig": { "AdditionalVersionWeights": { "1": 1.5 } } }),
        &[
            "Value '{1=1.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]",
        ],
    );
    check(
        "lambda",
        "CreateFunction",
        function(json!({ "MemorySize": 64, "Timeout": 0 })),
        &[
            "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1",
            "Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
        ],
    );
    check("lambda", "CreateFunction", function(json!({})), &[]);
    let batch = json!({ "RequestItems": { "t": [] } });
    check(
        "dynamodb",
        "BatchWriteItem",
        batch,
        &[
            "Value '{t=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
        ],
    );
}

#[test]
fn several_violations_are_told_at_once_with_the_services_code() {
    for (service, operation, params, code, text) in [
        (
            "logs",
            "CreateLogStream",
            json!({ "logGroupName": "", "logStreamName": "a:b" }),
            "InvalidParameterException",
            "3 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value '' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; \
             Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
        ),
        (
            "iam",
            "GetRole",
            json!({}),
            "ValidationError",
            "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "lambda",
            "GetAlias",
            json!({ "FunctionName": "f" }),
            "ValidationException",
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "apigateway",
            "CreateRestApi",
            json!({ "apiKeySource": "nobody checks this here" }),
            "BadRequestException",
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
    ] {
        let model = model(service);
        let operation = model.operation(operation).unwrap();
        let input = from_json(&model, operation.input.unwrap(), params).unwrap();
        let decoded = Decoded { protocol: Protocol::Json11, operation, input };
        let rejection = super::check(&model, &decoded).unwrap_err();
        assert_eq!(
            (&*rejection.code, rejection.status, rejection.message.as_deref()),
            (code, 400, Some(text))
        );
    }
}

#[test]
fn every_pattern_of_every_model_is_checked() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models");
    let mut refused = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let model = Model::load(&std::fs::read(&path).unwrap()).unwrap();
        for schema in model.schemas() {
            if let Some(pattern) = &schema.constraints.pattern
                && !pattern.is_checked()
            {
                refused.push(format!("{} {}: {}", path.display(), schema.name, pattern.text));
            }
        }
    }
    assert!(refused.is_empty(), "these would accept everything: {refused:#?}");
}
