//! Tags of users, roles, policies and instance profiles.
//!
//! Keys of users' and roles' tags differ by more than case; those of policies and instance profiles may differ by case alone.

use std::collections::BTreeSet;

use crate::entities::Strings;
use crate::error::Error;
use crate::generated::Tag;

/// Most tags of one resource (AWS: IAM and AWS STS quotas).
const TAGS_MAX: usize = 50;

/// How keys are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keys {
    /// Users and roles.
    IgnoreCase,
    /// Policies and instance profiles.
    Exact,
}

impl Keys {
    fn form(self, key: &str) -> String {
        match self {
            Keys::IgnoreCase => key.to_lowercase(),
            Keys::Exact => key.to_owned(),
        }
    }
}

/// Adds tags, or changes them.
pub fn add(tags: &mut Strings, new: Option<Vec<Tag>>, keys: Keys) -> Result<(), Error> {
    let new = new.unwrap_or_default();
    let mut seen = BTreeSet::new();
    if !new.iter().all(|tag| seen.insert(keys.form(&tag.key))) {
        let text = match keys {
            Keys::IgnoreCase => "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            Keys::Exact => "Duplicate tag keys found.",
        };
        return Err(Error::InvalidInput(text.to_owned()));
    }
    tags.retain(|key, _| !seen.contains(&keys.form(key)));
    tags.extend(new.into_iter().map(|tag| (tag.key, tag.value)));
    match tags.len() > TAGS_MAX {
        // Inferred text.
        true => Err(Error::LimitExceeded("The number of tags has reached the maximum limit.".to_owned())),
        false => Ok(()),
    }
}

/// Removes tags; those that are not there are no error.
pub fn remove(tags: &mut Strings, gone: &[String], keys: Keys) {
    let gone: BTreeSet<String> = gone.iter().map(|key| keys.form(key)).collect();
    tags.retain(|key, _| !gone.contains(&keys.form(key)));
}

/// Tags as they are answered.
pub fn shape(tags: &Strings) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// Tags as they are answered, or nothing if there are none.
pub fn some(tags: &Strings) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| shape(tags))
}
