//! An API's own gateway responses, taken apart once.
//!
//! AWS: Gateway responses for REST APIs. Their templates are not Velocity: `$context`, `$stageVariables` and `$method.request` variables
//! are replaced, everything else stays as it is. A type that the API does not customise falls back to `DEFAULT_4XX` or `DEFAULT_5XX` by
//! its status, and then to what API Gateway itself answers; a customisation without a status keeps the type's own.

use std::collections::BTreeMap;

use crate::definition::GatewayResponseDefinition;
use crate::source::Source;

/// The customised gateway responses of an API, by type.
#[derive(Debug, Default)]
pub struct GatewayResponses(BTreeMap<String, GatewayResponsePlan>);

/// A customised gateway response.
#[derive(Debug)]
pub struct GatewayResponsePlan {
    /// Status, if it is another than the type's own.
    pub status: Option<u16>,
    /// Headers to add.
    pub headers: Vec<(String, Source)>,
    /// Bodies by content type.
    pub templates: Vec<(String, Vec<TemplatePiece>)>,
}

/// A piece of a gateway response's template.
#[derive(Clone, Debug)]
pub enum TemplatePiece {
    /// As it is.
    Text(String),
    /// A variable.
    Value(Source),
}

impl GatewayResponses {
    /// Takes the responses as they stand in the API.
    pub fn compile(
        definitions: &BTreeMap<String, GatewayResponseDefinition>,
        variables: &BTreeMap<String, String>,
    ) -> GatewayResponses {
        let compiled = definitions.iter().map(|(kind, definition)| {
            let headers = definition.response_parameters.iter().filter_map(|(name, source)| {
                let name = name.strip_prefix("gatewayresponse.header.")?;
                Some((name.to_owned(), Source::compile(source, variables)))
            });
            let templates = definition.response_templates.iter();
            let plan = GatewayResponsePlan {
                status: definition.status_code.as_deref().and_then(|status| status.parse().ok()),
                headers: headers.collect(),
                templates: templates
                    .map(|(media, template)| (media.clone(), pieces(template, variables)))
                    .collect(),
            };
            (kind.clone(), plan)
        });
        GatewayResponses(compiled.collect())
    }

    /// How the API wants a response of this type, whose own status is `status`.
    pub fn find(&self, kind: &str, status: u16) -> Option<&GatewayResponsePlan> {
        let default = if status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
        self.0.get(kind).or_else(|| self.0.get(default))
    }
}

fn pieces(template: &str, variables: &BTreeMap<String, String>) -> Vec<TemplatePiece> {
    const PREFIXES: [&str; 3] = ["context.", "stageVariables.", "method.request."];
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let (inner, braces) = after.strip_prefix('{').map_or((after, 0), |inner| (inner, 1));
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        let length = inner.find(|letter| !is_part(letter)).unwrap_or(inner.len());
        // A full stop at the end belongs to the text.
        let name = if braces == 0 { inner[..length].trim_end_matches(['.', '-']) } else { &inner[..length] };
        let is_closed = braces == 0 || inner[length..].starts_with('}');
        if !is_closed || !PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            text.push('$');
            rest = after;
            continue;
        }
        if !text.is_empty() {
            pieces.push(TemplatePiece::Text(std::mem::take(&mut text)));
        }
        pieces.push(TemplatePiece::Value(Source::compile(name, variables)));
        rest = &inner[name.len() + braces..];
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(TemplatePiece::Text(text));
    }
    pieces
}

#[cfg(test)]
mod tests;
