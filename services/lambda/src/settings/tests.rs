//! What is refused, in AWS's words, and what is taken.

use super::*;

fn check(result: Result<(), Error>, expected: Option<&str>) {
    let text = result.err().map(|error| kernel::Failure::from(error).to_string());
    assert_eq!(text.as_deref(), expected);
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn environment() {
    const UNABLE: &str = "InvalidParameterValueException: Lambda was unable to configure your environment variables because the \
                          environment variables you have provided";
    check(check_environment(&variables(&[("STAGE", "prod")])), None);
    let reserved = "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: \
                    AWS_REGION, LAMBDA_TASK_ROOT";
    check(
        check_environment(&variables(&[("LAMBDA_TASK_ROOT", "x"), ("AWS_REGION", "x"), ("A", "b")])),
        Some(&format!("{UNABLE} {reserved}")),
    );
    // {"A":"…"} is eight characters longer than the value.
    check(check_environment(&variables(&[("A", &"x".repeat(4088))])), None);
    let long = "x".repeat(4089);
    let text = format!("{UNABLE} exceeded the 4KB limit. String measured: {{\"A\":\"{long}\"}}");
    check(check_environment(&variables(&[("A", &long)])), Some(&text));
}

#[test]
fn limits_of_ordinary_functions() {
    check(check_limits(900, 10_240, 10_240), None);
    check(
        check_limits(901, 128, 512),
        Some(
            "ValidationException: 1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must \
             have value less than or equal to 900",
        ),
    );
    check(
        check_limits(3, 10_241, 512),
        Some(
            "InvalidParameterValueException: 'MemorySize' value failed to satisfy constraint: Member must have value less than or \
             equal to 10240",
        ),
    );
}

#[test]
fn runtimes() {
    check(check_runtime("nodejs18.x"), None);
    check(check_runtime("python2.7"), None);
    assert!(check_runtime("cobol").is_err());
}

#[test]
fn settings_without_effect_are_refused_by_name() {
    check(Extras::default().check(), None);
    let empty =
        Extras { vpc: Some(api::VpcConfig::default()), kms_key: Some(String::new()), ..Extras::default() };
    check(empty.check(), None);
    let vpc = api::VpcConfig { subnet_ids: Some(vec!["subnet-1".to_owned()]), ..api::VpcConfig::default() };
    check(
        Extras { vpc: Some(vpc), ..Extras::default() }.check(),
        Some("InvalidParameterValueException: VpcConfig is not implemented by this Lambda endpoint."),
    );
    check(
        Extras {
            snap_start: Some(api::SnapStart { apply_on: Some("PublishedVersions".to_owned()) }),
            ..Extras::default()
        }
        .check(),
        Some("InvalidParameterValueException: SnapStart is not implemented by this Lambda endpoint."),
    );
}

#[test]
fn json_logs_have_a_level_and_text_logs_have_none() {
    let json = api::LoggingConfig { log_format: Some("JSON".to_owned()), ..api::LoggingConfig::default() };
    let first = logging("hello", None, Some(json)).unwrap();
    assert_eq!(first, Logging { group: "/aws/lambda/hello".to_owned(), json_level: Some("INFO".to_owned()) });
    let level = api::LoggingConfig {
        application_log_level: Some("DEBUG".to_owned()),
        ..api::LoggingConfig::default()
    };
    let second = logging("hello", Some(&first), Some(level.clone())).unwrap();
    assert_eq!(second.json_level.as_deref(), Some("DEBUG"));
    let text = api::LoggingConfig { log_format: Some("Text".to_owned()), ..api::LoggingConfig::default() };
    assert_eq!(logging("hello", Some(&second), Some(text)).unwrap().json_level, None);
    assert!(logging("hello", None, Some(level)).is_err());
}
