//! Texts that are filled in: stage variables in URIs and ARNs, and mapping templates.
//!
//! Known difference from AWS: a mapping template that calls anything of the Velocity language is not rendered yet. It is recognised
//! when the stage is compiled, and a request that needs it is refused with an error that says so; it is never passed through unrendered.

use std::collections::BTreeMap;

/// A mapping template.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// Text without references and directives: its rendering is itself.
    Text(String),
    /// Velocity.
    Velocity,
}

impl Template {
    /// Looks at a template.
    pub fn new(source: &str) -> Template {
        let bytes = source.as_bytes();
        let follows = |at: usize, good: fn(u8) -> bool| bytes.get(at + 1).copied().is_some_and(good);
        let is_velocity = bytes.iter().enumerate().any(|(at, byte)| match byte {
            b'$' => follows(at, |next| next.is_ascii_alphabetic() || matches!(next, b'{' | b'!' | b'_')),
            b'#' => {
                follows(at, |next| next.is_ascii_lowercase() || matches!(next, b'{' | b'#' | b'*' | b'['))
            }
            _ => false,
        });
        if is_velocity { Template::Velocity } else { Template::Text(source.to_owned()) }
    }
}

/// Replaces each `${stageVariables.name}` (and `stageVariables.name` in braces without the dollar sign stays as it is). A variable that
/// the stage does not have becomes nothing, as on AWS.
pub fn fill_stage_variables(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${stageVariables.") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push_str("${stageVariables.");
            rest = after;
            continue;
        };
        filled.push_str(variables.get(name).map_or("", String::as_str));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
