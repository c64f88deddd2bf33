//! A custom domain name as the control plane publishes it, and which API a request to it is for.
//!
//! The longest base path that a request's path begins with, whole segments only, decides. Without a stage in the mapping, the first
//! segment after the base path names it.

use std::collections::BTreeMap;

use kernel::{Key, Record};
use serde::{Deserialize, Serialize};

/// A custom domain name with its mappings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedDomain {
    /// Lower case; `*.` at the beginning stands for any one label.
    pub name: String,
    /// Owner.
    pub account: String,
    /// Region.
    pub region: String,
    /// `TLS_1_0`, `TLS_1_2` or another policy.
    pub security_policy: String,
    /// Clients must show a certificate.
    pub is_mutual_tls: bool,
    /// By base path without slashes at its ends; empty for none.
    pub mappings: BTreeMap<String, BasePathTarget>,
}

/// What a base path leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BasePathTarget {
    /// API.
    pub api_id: String,
    /// Stage; `None`: the first segment of the rest names it.
    pub stage: Option<String>,
}

/// What a request to a custom domain is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped<'a> {
    /// API.
    pub api_id: &'a str,
    /// Stage; empty if the path names none.
    pub stage: &'a str,
    /// How many bytes at the path's end are left of it without the base path (and without the stage where the path named it).
    pub rest_length: usize,
}

impl PublishedDomain {
    /// What a request with this path is for; `None` if no mapping fits.
    pub fn find<'a>(&'a self, path: &'a str) -> Option<Mapped<'a>> {
        let fits = |base: &str| match path.strip_prefix('/')?.strip_prefix(base) {
            Some(rest) if base.is_empty() => path.get(path.len() - rest.len() - 1..),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => path.get(path.len() - rest.len()..),
            _ => None,
        };
        let rows = self.mappings.iter().filter_map(|(base, target)| Some((base, target, fits(base)?)));
        let (_, target, rest) = rows.max_by_key(|(base, ..)| base.len())?;
        let (stage, rest) = match &target.stage {
            Some(stage) => (stage.as_str(), rest),
            None => {
                let bare = rest.strip_prefix('/').unwrap_or(rest);
                let end = bare.find('/').unwrap_or(bare.len());
                (&bare[..end], &bare[end..])
            }
        };
        Some(Mapped { api_id: &target.api_id, stage, rest_length: rest.len() })
    }
}

/// Key of a published domain name.
pub fn published_domain_key(name: &str) -> Key {
    Key::new().text(name)
}

impl Record for PublishedDomain {
    const TABLE: &'static str = "domains";
    fn key(&self) -> Key {
        published_domain_key(&self.name)
    }
}

#[cfg(test)]
mod tests;
