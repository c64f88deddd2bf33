//! How execution logs show maps: as Java prints them, with the secrets of clients and backends made unreadable.
//!
//! AWS: Set up CloudWatch logging for REST APIs: authorization headers, API keys and the like are redacted; their last characters stay.

use std::borrow::Cow;
use std::fmt::Display;

use http::HeaderMap;

use crate::event::text;

/// Characters of a secret that stay readable.
const SECRET_TAIL: usize = 6;

/// Pairs without secrets.
pub(crate) fn map<N: Display, V: Display>(pairs: &[(N, V)]) -> String {
    join(pairs.iter().map(|(name, value)| format!("{name}={value}")))
}

/// Parameters, headers or a query's, by their names.
pub(crate) fn parameters<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    join(
        pairs
            .iter()
            .map(|(name, value)| format!("{}={}", name.as_ref(), hidden(name.as_ref(), value.as_ref()))),
    )
}

/// Headers.
pub(crate) fn headers(headers: &HeaderMap) -> String {
    let pairs: Vec<(&str, Cow<'_, str>)> =
        headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    parameters(&pairs)
}

fn join(pairs: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

/// The value, or what may be seen of it.
fn hidden<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    const SECRETS: [&str; 7] = [
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "x-amz-security-token",
        "x-amz-signature",
        "cookie",
        "set-cookie",
    ];
    if !SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
        return value.into();
    }
    let length = value.chars().count();
    let covered = if length > 2 * SECRET_TAIL { length - SECRET_TAIL } else { length };
    "*".repeat(covered).chars().chain(value.chars().skip(covered)).collect()
}

#[cfg(test)]
mod tests;
