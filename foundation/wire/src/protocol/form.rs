//! Query strings and forms: `Tags.member.1.Key=a&…` as pairs and as a tree.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use super::{DEPTH_MAX, PARAMETERS_MAX};
use crate::error::Malformed;

/// The parameters of a query string or form, decoded, in order. What is not UTF-8 becomes the replacement character.
pub(crate) fn parse_pairs(text: &[u8]) -> Result<Vec<(String, String)>, Malformed> {
    let mut pairs = Vec::new();
    for pair in text.split(|c| *c == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == PARAMETERS_MAX {
            return Err(Malformed::text(format!("More than {PARAMETERS_MAX} parameters")));
        }
        let at = pair.iter().position(|c| *c == b'=').unwrap_or(pair.len());
        let (name, value) = (&pair[..at], pair.get(at + 1..).unwrap_or_default());
        pairs.push((decode(name), decode(value)));
    }
    Ok(pairs)
}

fn decode(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|c| if *c == b'+' { b' ' } else { *c }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

/// Parameters by the parts of their names.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The value at exactly this name.
    pub(super) value: Option<String>,
    children: BTreeMap<String, Form>,
}

impl Form {
    /// Splits the names at their dots. Of two parameters with the same name the first counts.
    pub(super) fn new(pairs: Vec<(String, String)>) -> Result<Form, Malformed> {
        let mut root = Form::default();
        for (name, value) in pairs {
            let mut form = &mut root;
            for (depth, part) in name.split('.').enumerate() {
                if depth >= DEPTH_MAX {
                    return Err(Malformed::text(format!("{name}: too many parts")));
                }
                form = form.children.entry(part.to_owned()).or_default();
            }
            form.value.get_or_insert(value);
        }
        Ok(root)
    }

    /// What is below `name`, which may itself contain dots.
    pub(super) fn get(&self, name: &str) -> Option<&Form> {
        name.split('.').try_fold(self, |form, part| form.children.get(part))
    }

    /// The numbered children, in the order of their numbers. Anything else below a list is an error.
    pub(super) fn items(&self) -> Result<Vec<&Form>, Malformed> {
        let numbered = self.children.iter().map(|(name, form)| match name.parse::<u64>() {
            Ok(0) => Err(Malformed::text("0 is not a valid index")),
            Ok(number) => Ok((number, form)),
            Err(_) => Err(Malformed::list()),
        });
        let mut items = numbered.collect::<Result<Vec<_>, _>>()?;
        items.sort_by_key(|(number, _)| *number);
        Ok(items.into_iter().map(|(_, form)| form).collect())
    }

    /// True if nothing is below this name.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}
