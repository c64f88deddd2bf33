//! Whether an answer has the form that a case expects, and if not, where it differs.
//!
//! Maps are compared in the members that are named; `absent` says that there is none (or a `null`), `null` that there is one. Lists are compared whole, unless they end with
//! `...`. `*` matches anything that is there, `re:…` a text (or number) that the expression finds itself in. A map or list expected where
//! a text stands matches the JSON in it.

use regex::Regex;
use serde_json::Value as Json;

use super::relaxed::{Ending, Node};
use super::resolve::{interpolate, resolve};
use crate::blob;
use crate::clock::{NEAR_MS, START_MS};

/// What a value must be.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Anything that is there.
    Any,
    /// Nothing may be there.
    Absent,
    /// A text in which this is found.
    Regex(Regex),
    /// These bytes.
    Bytes(Vec<u8>),
    /// Exactly this.
    Exact(Json),
    /// These items, perhaps followed by others.
    List(Vec<Pattern>, Ending),
    /// At least these members.
    Map(Vec<(String, Pattern)>),
}

/// One place where an answer is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Such as `.items.0.id`; empty for the whole.
    pub path: String,
    /// What should be there.
    pub expected: String,
    /// What is.
    pub got: String,
}

impl Pattern {
    /// The pattern that a node stands for.
    pub fn new(node: &Node, results: &[Json]) -> Result<Pattern, String> {
        Ok(match node {
            Node::Text(text) => Pattern::text(&interpolate(text, results)?)?,
            Node::List(items, ending) => Pattern::List(
                items.iter().map(|item| Pattern::new(item, results)).collect::<Result<_, _>>()?,
                *ending,
            ),
            Node::Map(members) => {
                let members = members
                    .iter()
                    .map(|(name, node)| Ok((interpolate(name, results)?, Pattern::new(node, results)?)));
                Pattern::Map(members.collect::<Result<_, String>>()?)
            }
            Node::Tagged(tag, inner) => Pattern::Bytes(blob::tagged(tag, &resolve(inner, results)?)?),
            _ => Pattern::Exact(resolve(node, results)?),
        })
    }

    /// The pattern that a text stands for.
    pub fn text(text: &str) -> Result<Pattern, String> {
        if let Some(expression) = text.strip_prefix("re:") {
            return Regex::new(expression).map(Pattern::Regex).map_err(|error| error.to_string());
        }
        Ok(match text {
            "*" => Pattern::Any,
            "absent" => Pattern::Absent,
            _ if text.starts_with("base64:") => Pattern::Bytes(blob::parse(text)?),
            _ => Pattern::Exact(Json::String(text.to_owned())),
        })
    }

    /// Where `value` is not as it should be; empty if it is. Moments may lie `slack_ms` later than expected.
    pub fn differences(&self, value: Option<&Json>, slack_ms: i64) -> Vec<Difference> {
        let mut found = Vec::new();
        self.compare(value, ("", slack_ms), &mut found);
        found
    }

    fn compare(&self, value: Option<&Json>, (path, slack_ms): (&str, i64), found: &mut Vec<Difference>) {
        let mut differ = |expected: String, got: Option<&Json>| {
            let got = got.map_or("nothing".to_owned(), Json::to_string);
            found.push(Difference { path: path.to_owned(), expected, got });
        };
        match (self, value) {
            (Pattern::Absent, None | Some(Json::Null)) => {}
            (Pattern::Absent, value) => differ("nothing".to_owned(), value),
            (_, None) => differ(self.describe(), None),
            (Pattern::Any, Some(_)) => {}
            (Pattern::Regex(expression), Some(value)) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if !expression.is_match(&text) {
                    differ(self.describe(), Some(value));
                }
            }
            (Pattern::Bytes(bytes), Some(value)) => {
                if blob::of_json(value).as_deref() != Some(bytes) {
                    differ(self.describe(), Some(value));
                }
            }
            (Pattern::Exact(expected), Some(value)) => {
                if !is_same(expected, value, slack_ms) {
                    differ(expected.to_string(), Some(value));
                }
            }
            (Pattern::Map(_) | Pattern::List(..), Some(Json::String(text))) => {
                match serde_json::from_str::<Json>(text) {
                    Ok(inner @ (Json::Object(_) | Json::Array(_))) => {
                        self.compare(Some(&inner), (path, slack_ms), found)
                    }
                    _ => differ(self.describe(), value),
                }
            }
            (Pattern::Map(members), Some(Json::Object(map))) => {
                for (name, pattern) in members {
                    pattern.compare(map.get(name), (&format!("{path}.{name}"), slack_ms), found);
                }
            }
            (Pattern::List(patterns, ending), Some(Json::Array(items))) => {
                for (at, pattern) in patterns.iter().enumerate().take(items.len().max(1)) {
                    pattern.compare(items.get(at), (&format!("{path}.{at}"), slack_ms), found);
                }
                let is_long = items.len() > patterns.len() && *ending == Ending::Closed;
                if is_long || items.len() < patterns.len() {
                    let expected = format!("{} items", patterns.len());
                    let got = format!(
                        "{} items: {}",
                        items.len(),
                        crate::run::shorten(&Json::Array(items.clone()))
                    );
                    found.push(Difference { path: path.to_owned(), expected, got });
                }
            }
            (_, Some(value)) => differ(self.describe(), Some(value)),
        }
    }

    fn describe(&self) -> String {
        match self {
            Pattern::Any => "anything".to_owned(),
            Pattern::Absent => "nothing".to_owned(),
            Pattern::Regex(expression) => format!("a text with /{expression}/"),
            Pattern::Bytes(bytes) => {
                format!("{} bytes: {}", bytes.len(), String::from_utf8_lossy(bytes).escape_debug())
            }
            Pattern::Exact(json) => json.to_string(),
            Pattern::List(items, _) => {
                let items: Vec<String> = items.iter().map(Pattern::describe).collect();
                format!("[{}]", items.join(", "))
            }
            Pattern::Map(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, pattern)| format!("{name}: {}", pattern.describe())).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }
}

/// Equal, with numbers by value, and a text with bytes written as `text:…`.
fn is_same(expected: &Json, value: &Json, slack_ms: i64) -> bool {
    match (expected, value) {
        (Json::Number(expected), Json::Number(value)) => {
            let late = match (expected.as_i64(), value.as_i64()) {
                (Some(expected), Some(value)) if is_moment(expected) => value - expected,
                _ => 0,
            };
            expected.as_f64() == value.as_f64() || (0 < late && late <= slack_ms)
        }
        (Json::String(expected), Json::String(value)) => {
            expected == value || expected.strip_prefix("text:") == Some(value)
        }
        (Json::Array(expected), Json::Array(value)) => {
            expected.len() == value.len()
                && expected.iter().zip(value).all(|(expected, value)| is_same(expected, value, slack_ms))
        }
        (Json::Object(expected), Json::Object(value)) => {
            expected.len() == value.len()
                && expected.iter().all(|(name, expected)| {
                    value.get(name).is_some_and(|value| is_same(expected, value, slack_ms))
                })
        }
        _ => expected == value,
    }
}

/// True for milliseconds near the beginning of the fake clock.
fn is_moment(number: i64) -> bool {
    (number - START_MS).abs() < NEAR_MS
}
