//! Texts that are filled in: stage variables in URIs and ARNs, and mapping templates.
//!
//! A template is parsed when its plan is compiled; one that cannot be parsed fails the requests that need it, and no other.

use std::collections::BTreeMap;

/// A mapping template.
#[derive(Debug)]
pub enum Template {
    /// Text without references and directives: its rendering is itself.
    Text(String),
    /// Velocity.
    Velocity(VelocityTemplate),
    /// Something that is no template; the text names the place.
    Broken(String),
}

/// A template of the Velocity language, and which variables its text names.
#[derive(Debug)]
pub struct VelocityTemplate {
    /// The template.
    pub template: vtl::Template,
    /// `$context`, however it is written.
    pub uses_context: bool,
    /// `$input.params`.
    pub uses_parameters: bool,
    /// `$stageVariables`.
    pub uses_stage_variables: bool,
}

impl Template {
    /// Reads a template.
    pub fn new(source: &str) -> Template {
        let bytes = source.as_bytes();
        let follows = |at: usize, good: fn(u8) -> bool| bytes.get(at + 1).copied().is_some_and(good);
        let is_velocity = bytes.iter().enumerate().any(|(at, byte)| match byte {
            b'$' => follows(at, |next| next.is_ascii_alphabetic() || matches!(next, b'{' | b'!' | b'_')),
            b'#' => follows(at, |next| {
                next.is_ascii_alphabetic() || matches!(next, b'{' | b'#' | b'*' | b'[' | b'@')
            }),
            _ => false,
        });
        if !is_velocity {
            return Template::Text(source.to_owned());
        }
        match vtl::Template::parse(source) {
            // `#evaluate` may put a name together that the text does not have.
            Ok(template) => {
                let names = |name: &str| source.contains(name) || source.contains("evaluate");
                Template::Velocity(VelocityTemplate {
                    template,
                    uses_context: names("context"),
                    uses_parameters: names("params"),
                    uses_stage_variables: names("stageVariables"),
                })
            }
            Err(error) => Template::Broken(error.to_string()),
        }
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
