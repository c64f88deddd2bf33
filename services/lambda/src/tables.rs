//! What is stored: functions with their unpublished version, published versions, aliases.
//!
//! A function's policy, tags and settings for events stand in its own record; those of a version or an alias in theirs.
//! What runs next, whatever its account, stands in the shared space ([`shared_space`]): asynchronous invocations and preparations.

use std::collections::BTreeMap;

use kernel::{Key, Record, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::configuration::Configuration;

/// A function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Function {
    pub name: String,
    /// The unpublished version.
    pub latest: Configuration,
    /// Statements of the policy, as they are shown.
    pub policy: Vec<Json>,
    /// Number of the next published version.
    pub next_version: u64,
    pub reserved_concurrency: Option<u32>,
    pub tags: BTreeMap<String, String>,
    /// Settings for asynchronous invocations, by qualifier.
    pub events: BTreeMap<String, EventSettings>,
}

/// A published version: never changes, but for its policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    pub function: String,
    pub number: u64,
    pub configuration: Configuration,
    pub policy: Vec<Json>,
}

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub function: String,
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    pub description: String,
    /// The second version and its share of the calls, if there is one.
    pub second: Option<(String, f64)>,
    pub revision_id: String,
    pub policy: Vec<Json>,
}

/// How asynchronous invocations are retried.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventSettings {
    pub retries_max: Option<u32>,
    pub age_max_s: Option<i64>,
    pub modified_ms: i64,
}

/// A version whose code is being made ready: found again after a crash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Preparation {
    pub account: String,
    pub region: String,
    pub name: String,
    pub since_ms: i64,
}

impl Record for Function {
    const TABLE: &'static str = "functions";
    fn key(&self) -> Key {
        function_key(&self.name)
    }
}

impl Record for Published {
    const TABLE: &'static str = "versions";
    fn key(&self) -> Key {
        version_key(&self.function, self.number)
    }
}

impl Record for Alias {
    const TABLE: &'static str = "aliases";
    fn key(&self) -> Key {
        alias_key(&self.function, &self.name)
    }
}

impl Record for Preparation {
    const TABLE: &'static str = "preparations";
    fn key(&self) -> Key {
        preparation_key(&self.account, &self.region, &self.name)
    }
}

pub(crate) fn function_key(name: &str) -> Key {
    Key::new().text(name)
}

pub(crate) fn version_key(function: &str, number: u64) -> Key {
    Key::new().text(function).number(number)
}

pub(crate) fn alias_key(function: &str, name: &str) -> Key {
    Key::new().text(function).text(name)
}

pub(crate) fn preparation_key(account: &str, region: &str, name: &str) -> Key {
    Key::new().text(account).text(region).text(name)
}

/// The scope of what belongs to no account alone.
pub(crate) fn shared_scope() -> Scope {
    Scope::new("*", "*")
}

/// The space of what belongs to no account alone.
pub(crate) fn shared_space() -> Key {
    shared_scope().space(crate::ID)
}
