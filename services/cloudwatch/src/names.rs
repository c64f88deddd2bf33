//! ARNs that operations act on, and tokens of paged answers.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::{Arn, Scope};
use wire::Value;

use crate::alarm::{alarm_arn, dashboard_arn};
use crate::error::Error;

/// What operations on alarms act on.
pub fn alarm_resource(scope: &Scope, input: &Value) -> Vec<String> {
    match (input.get("AlarmName"), input.get("AlarmNames")) {
        (Some(Value::String(name)), _) => vec![alarm_arn(scope, name)],
        (_, Some(Value::List(names))) if !names.is_empty() => {
            names.iter().filter_map(Value::as_str).map(|name| alarm_arn(scope, name)).collect()
        }
        _ => vec![alarm_arn(scope, "*")],
    }
}

/// What operations on dashboards act on.
pub fn dashboard_resource(scope: &Scope, input: &Value) -> Vec<String> {
    match (input.get("DashboardName"), input.get("DashboardNames")) {
        (Some(Value::String(name)), _) => vec![dashboard_arn(&scope.account, name)],
        (_, Some(Value::List(names))) if !names.is_empty() => {
            names.iter().filter_map(Value::as_str).map(|name| dashboard_arn(&scope.account, name)).collect()
        }
        _ => vec![dashboard_arn(&scope.account, "*")],
    }
}

/// The ARN that an input carries.
pub fn tagged_resource(_: &Scope, input: &Value) -> Vec<String> {
    vec![input.get("ResourceARN").and_then(Value::as_str).unwrap_or("*").to_owned()]
}

/// What can have tags.
#[derive(Clone, Debug, PartialEq)]
pub enum Tagged {
    /// An alarm, by name.
    Alarm(String),
    /// A dashboard, by name.
    Dashboard(String),
}

impl Tagged {
    /// Reads an ARN of this account, and of this region where it has one.
    pub fn parse(scope: &Scope, text: &str) -> Result<Tagged, Error> {
        let wrong = || {
            Error::value(format!(
                "The value {text} for parameter ResourceARN is not a valid ARN of an alarm or dashboard."
            ))
        };
        let arn = Arn::parse(text).filter(|arn| arn.service == "cloudwatch").ok_or_else(wrong)?;
        let found = match (arn.resource.strip_prefix("alarm:"), arn.resource.strip_prefix("dashboard/")) {
            (Some(name), _) => (arn.region == scope.region).then(|| Tagged::Alarm(name.to_owned())),
            (_, Some(name)) => Some(Tagged::Dashboard(name.to_owned())),
            _ => return Err(wrong()),
        };
        let missing = || Error::NoResource { kind: "cloudwatch", id: text.to_owned() };
        found.filter(|_| arn.account == scope.account).ok_or_else(missing)
    }
}

/// A token that stands for `text`.
pub fn token(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// What a token stands for.
pub fn from_token(token: &str) -> Result<String, Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::NextToken)?;
    String::from_utf8(bytes).map_err(|_| Error::NextToken)
}

/// One page of `items`, which are in order, each with a key that no other has; and the token of the next page.
pub fn page<T>(
    items: Vec<(String, T)>,
    token_given: Option<&str>,
    limit: usize,
) -> Result<(Vec<T>, Option<String>), Error> {
    let after = token_given.map(from_token).transpose()?;
    let start = match &after {
        Some(after) => items.iter().position(|(key, _)| key == after).map_or(items.len(), |at| at + 1),
        None => 0,
    };
    let mut rest: Vec<(String, T)> = items.into_iter().skip(start).collect();
    let next = (rest.len() > limit).then(|| token(&rest[limit - 1].0));
    rest.truncate(limit);
    Ok((rest.into_iter().map(|(_, item)| item).collect(), next))
}
