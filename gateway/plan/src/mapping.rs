//! What a custom integration does with requests and answers: parameters, templates, selection of an answer, conversion of bodies.
//!
//! AWS: Data transformations for REST APIs; Parameter mapping source reference; Content type conversions.

use std::collections::BTreeMap;

use fancy_regex::Regex;

use crate::definition::{IntegrationDefinition, IntegrationResponseDefinition, MethodDefinition, Strings};
use crate::source::Source;
use crate::template::Template;

/// Both directions.
#[derive(Debug)]
pub struct Mapping {
    /// Parameters towards the backend.
    pub parameters: Parameters,
    /// Request templates by content type, in lower case without parameters; `$default` stands for every other.
    pub templates: Vec<(String, Template)>,
    /// What becomes of a body that no template takes.
    pub passthrough: Passthrough,
    /// Conversion of the request's body.
    pub content: Option<ContentHandling>,
    /// Answers, in the order of their statuses.
    pub responses: Vec<ResponseRule>,
}

/// Mapped parameters, by where they go: names and sources.
#[derive(Debug, Default)]
pub struct Parameters {
    /// `integration.request.header.NAME`.
    pub headers: Vec<(String, Source)>,
    /// `integration.request.querystring.NAME`.
    pub query: Vec<(String, Source)>,
    /// `integration.request.path.NAME`.
    pub path: Vec<(String, Source)>,
}

/// What becomes of a body that no template takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// It goes on as it is.
    #[default]
    WhenNoMatch,
    /// It goes on as it is if there are no templates at all.
    WhenNoTemplates,
    /// It is refused.
    Never,
}

/// Conversion of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentHandling {
    /// `CONVERT_TO_BINARY`.
    ToBinary,
    /// `CONVERT_TO_TEXT`.
    ToText,
}

/// One integration response.
#[derive(Debug)]
pub struct ResponseRule {
    /// Status towards the client.
    pub status: u16,
    /// False if the method has no response of this status: such a rule fails the request.
    pub is_declared: bool,
    /// What the integration's status or error must match; `None` is the default response.
    pub pattern: Option<Regex>,
    /// Headers towards the client.
    pub headers: Vec<(String, Source)>,
    /// Response templates by content type.
    pub templates: Vec<(String, Template)>,
    /// Conversion of the answer's body.
    pub content: Option<ContentHandling>,
}

impl Mapping {
    pub(crate) fn compile(
        method: &MethodDefinition,
        definition: &IntegrationDefinition,
        variables: &BTreeMap<String, String>,
    ) -> Result<Mapping, String> {
        let templates = definition.request_templates.iter();
        let responses = definition.responses.iter().map(|(status, response)| {
            let is_declared = method.responses.contains_key(status);
            ResponseRule::compile(status, is_declared, response, variables)
        });
        Ok(Mapping {
            parameters: Parameters::compile(&definition.request_parameters, variables)?,
            templates: templates
                .map(|(media, source)| (media.trim().to_ascii_lowercase(), Template::new(source)))
                .collect(),
            passthrough: match definition.passthrough_behavior.as_str() {
                "NEVER" => Passthrough::Never,
                "WHEN_NO_TEMPLATES" => Passthrough::WhenNoTemplates,
                _ => Passthrough::WhenNoMatch,
            },
            content: ContentHandling::compile(definition.content_handling.as_deref()),
            responses: responses.collect::<Result<_, _>>()?,
        })
    }

    /// The template for a content type (given in lower case, without parameters).
    pub fn template(&self, media: &str) -> Option<&Template> {
        let of = |media: &str| {
            self.templates.iter().find(|(known, _)| known == media).map(|(_, template)| template)
        };
        of(media).or_else(|| of("$default"))
    }

    /// The rule for an integration's status (or error text): the first whose pattern matches, else the one without a pattern.
    pub fn select(&self, text: &str) -> Option<&ResponseRule> {
        // A pattern that goes back too often on a text does not match it.
        let is_match = |rule: &&ResponseRule| {
            rule.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text).unwrap_or(false))
        };
        let matching = self.responses.iter().find(is_match);
        matching.or_else(|| self.responses.iter().find(|rule| rule.pattern.is_none()))
    }
}

impl Parameters {
    pub(crate) fn compile(
        definitions: &Strings,
        variables: &BTreeMap<String, String>,
    ) -> Result<Parameters, String> {
        let mut parameters = Parameters::default();
        for (name, source) in definitions {
            let source = Source::compile(source, variables);
            match name.strip_prefix("integration.request.").and_then(|name| name.split_once('.')) {
                Some(("path", name)) => parameters.path.push((name.to_owned(), source)),
                Some(("header", name)) => parameters.headers.push((name.to_owned(), source)),
                Some(("querystring", name)) => parameters.query.push((name.to_owned(), source)),
                _ => return Err(format!("no such mapping: {name}")),
            }
        }
        Ok(parameters)
    }
}

impl ContentHandling {
    fn compile(name: Option<&str>) -> Option<ContentHandling> {
        match name {
            Some("CONVERT_TO_BINARY") => Some(ContentHandling::ToBinary),
            Some("CONVERT_TO_TEXT") => Some(ContentHandling::ToText),
            _ => None,
        }
    }
}

impl ResponseRule {
    fn compile(
        status: &str,
        is_declared: bool,
        response: &IntegrationResponseDefinition,
        variables: &BTreeMap<String, String>,
    ) -> Result<ResponseRule, String> {
        let pattern = match response.selection_pattern.as_deref() {
            None | Some("") => None,
            // AWS: the pattern must match the whole text.
            Some(pattern) => Some(
                Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|error| format!("selection pattern {pattern}: {error}"))?,
            ),
        };
        let headers = response.response_parameters.iter().filter_map(|(name, source)| {
            let name = name.strip_prefix("method.response.header.")?;
            Some((name.to_owned(), Source::compile(source, variables)))
        });
        let templates = response.response_templates.iter();
        Ok(ResponseRule {
            status: status.parse().map_err(|_| format!("status {status}"))?,
            is_declared,
            pattern,
            headers: headers.collect(),
            templates: templates.map(|(media, source)| (media.clone(), Template::new(source))).collect(),
            content: ContentHandling::compile(response.content_handling.as_deref()),
        })
    }
}
