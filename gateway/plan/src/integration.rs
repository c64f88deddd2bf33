//! What is behind a method, with everything worked out that does not depend on a request.

use std::collections::BTreeMap;

use regex::Regex;

use crate::definition::{IntegrationDefinition, IntegrationResponseDefinition};
use crate::template::{Template, fill_stage_variables};

/// What answers a method's requests.
#[derive(Debug)]
pub enum Integration {
    /// `AWS_PROXY`: a Lambda function.
    Lambda {
        /// Its ARN, with its qualifier; stage variables filled in.
        function: String,
        /// Role to call it with, if not by the function's own policy.
        credentials: Option<String>,
        /// `X-Amz-Invocation-Type: 'Event'`.
        is_event: bool,
    },
    /// `HTTP_PROXY`.
    Http(HttpTarget),
    /// `MOCK`.
    Mock {
        /// Request templates by content type, in lower case.
        requests: Vec<(String, Template)>,
        /// What to do with a body of another content type.
        passthrough: String,
        /// Answers.
        responses: Vec<ResponseRule>,
    },
    /// Something that is stored but not served yet; the text names it.
    Unsupported(String),
    /// Something that can never work; the text says why.
    Broken(String),
}

/// Where an `HTTP_PROXY` integration goes.
#[derive(Debug)]
pub struct HttpTarget {
    /// Method, or `ANY` for the client's.
    pub method: String,
    /// The URI in pieces.
    pub uri: Vec<PathPiece>,
    /// `integration.request.header.NAME` and its source.
    pub headers: Vec<(String, HeaderSource)>,
    /// `integration.request.querystring.NAME` and its source.
    pub query: Vec<(String, HeaderSource)>,
    /// True: the backend's certificate is not verified.
    pub is_insecure: bool,
}

/// A piece of a URI.
#[derive(Clone, Debug, PartialEq)]
pub enum PathPiece {
    /// As it is.
    Text(String),
    /// The value of this source; `{name}` without a mapping is an error at compile time.
    Value(HeaderSource),
}

/// Where a mapped value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderSource {
    /// `'text'`.
    Text(String),
    /// `method.request.header.NAME`.
    RequestHeader(String),
    /// `method.request.querystring.NAME`.
    RequestQuery(String),
    /// `method.request.path.NAME`.
    RequestPath(String),
    /// `integration.response.header.NAME`.
    ResponseHeader(String),
    /// `context.NAME`.
    Context(String),
    /// Something that is not worked out yet, such as a JSONPath into a body.
    Unsupported(String),
}

/// One integration response.
#[derive(Debug)]
pub struct ResponseRule {
    /// Status towards the client.
    pub status: u16,
    /// What the integration's status must match; `None` is the default response.
    pub pattern: Option<Regex>,
    /// Headers towards the client.
    pub headers: Vec<(String, HeaderSource)>,
    /// Response templates by content type.
    pub templates: Vec<(String, Template)>,
}

impl Integration {
    /// Works out an integration for a stage with these variables.
    pub fn compile(definition: &IntegrationDefinition, variables: &BTreeMap<String, String>) -> Integration {
        let uri =
            definition.uri.as_deref().map(|uri| fill_stage_variables(uri, variables)).unwrap_or_default();
        match definition.kind.as_str() {
            "MOCK" => mock(definition, variables),
            _ if definition.connection_type == "VPC_LINK" => {
                Integration::Unsupported("VPC_LINK integrations".to_owned())
            }
            "AWS_PROXY" => lambda(definition, &uri, variables),
            "HTTP_PROXY" => http(definition, &uri, variables),
            other => Integration::Unsupported(format!("integrations of type {other}")),
        }
    }
}

fn lambda(
    definition: &IntegrationDefinition,
    uri: &str,
    variables: &BTreeMap<String, String>,
) -> Integration {
    // AWS: the integration's own method is POST for Lambda, whatever the client's is.
    if definition.http_method.as_deref() != Some("POST") {
        return Integration::Broken(
            "a Lambda proxy integration needs the integration method POST".to_owned(),
        );
    }
    let function = uri
        .split_once("/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"))
        .filter(|function| function.starts_with("arn:"));
    let Some(function) = function else {
        return Integration::Broken(format!("no function is named in the integration URI {uri}"));
    };
    // Recorded on AWS: a mapping of these fails each request, though other mappings have no effect on a proxy event.
    const FORBIDDEN: [&str; 7] = [
        "authorization",
        "connection",
        "content-length",
        "expect",
        "proxy-authenticate",
        "te",
        "transfer-encoding",
    ];
    if let Some(name) = forbidden_header(definition, &FORBIDDEN) {
        return Integration::Broken(format!("the header {name} may not be mapped"));
    }
    let invocation_type = definition.request_parameters.iter().find(|(name, _)| {
        name.strip_prefix("integration.request.header.")
            .is_some_and(|name| name.eq_ignore_ascii_case("X-Amz-Invocation-Type"))
    });
    Integration::Lambda {
        function: function.to_owned(),
        credentials: definition.credentials.as_deref().map(|arn| fill_stage_variables(arn, variables)),
        is_event: invocation_type.is_some_and(|(_, value)| value == "'Event'"),
    }
}

fn http(definition: &IntegrationDefinition, uri: &str, variables: &BTreeMap<String, String>) -> Integration {
    if let Some(name) = forbidden_header(definition, &["content-length", "transfer-encoding"]) {
        return Integration::Broken(format!("the header {name} may not be mapped"));
    }
    let mut target = HttpTarget {
        method: definition.http_method.clone().unwrap_or_else(|| "ANY".to_owned()),
        uri: Vec::new(),
        headers: Vec::new(),
        query: Vec::new(),
        is_insecure: definition.insecure_skip_verification.unwrap_or(false),
    };
    let mut path = BTreeMap::new();
    for (name, source) in &definition.request_parameters {
        let source = HeaderSource::compile(source, variables);
        match name.strip_prefix("integration.request.").and_then(|name| name.split_once('.')) {
            Some(("path", name)) => drop(path.insert(name, source)),
            Some(("header", name)) => target.headers.push((name.to_owned(), source)),
            Some(("querystring", name)) => target.query.push((name.to_owned(), source)),
            _ => return Integration::Broken(format!("no such mapping: {name}")),
        }
    }
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let name = name.trim_end_matches('+');
        target.uri.push(PathPiece::Text(before.to_owned()));
        let source = path.get(name).cloned();
        target
            .uri
            .push(PathPiece::Value(source.unwrap_or_else(|| HeaderSource::RequestPath(name.to_owned()))));
        rest = after;
    }
    target.uri.push(PathPiece::Text(rest.to_owned()));
    Integration::Http(target)
}

/// The first header that is mapped and may not be.
fn forbidden_header<'a>(definition: &'a IntegrationDefinition, forbidden: &[&str]) -> Option<&'a str> {
    let mapped = definition.request_parameters.keys();
    let mut headers = mapped.filter_map(|name| name.strip_prefix("integration.request.header."));
    headers.find(|name| forbidden.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn mock(definition: &IntegrationDefinition, variables: &BTreeMap<String, String>) -> Integration {
    let requests = definition.request_templates.iter();
    let requests =
        requests.map(|(media, source)| (media.to_ascii_lowercase(), Template::new(source))).collect();
    let mut responses = Vec::new();
    for (status, response) in &definition.responses {
        match ResponseRule::compile(status, response, variables) {
            Ok(rule) => responses.push(rule),
            Err(why) => return Integration::Broken(why),
        }
    }
    Integration::Mock { requests, passthrough: definition.passthrough_behavior.clone(), responses }
}

impl ResponseRule {
    fn compile(
        status: &str,
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
            Some((name.to_owned(), HeaderSource::compile(source, variables)))
        });
        let templates = response.response_templates.iter();
        Ok(ResponseRule {
            status: status.parse().map_err(|_| format!("status {status}"))?,
            pattern,
            headers: headers.collect(),
            templates: templates.map(|(media, source)| (media.clone(), Template::new(source))).collect(),
        })
    }

    /// The rule for an integration's status (or error text): the first whose pattern matches, else the one without a pattern.
    pub fn select<'a>(rules: &'a [ResponseRule], text: &str) -> Option<&'a ResponseRule> {
        let matching =
            rules.iter().find(|rule| rule.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text)));
        matching.or_else(|| rules.iter().find(|rule| rule.pattern.is_none()))
    }
}

impl HeaderSource {
    /// Reads a mapping expression; stage variables are constants of the plan.
    pub fn compile(expression: &str, variables: &BTreeMap<String, String>) -> HeaderSource {
        let named = |prefix: &str| expression.strip_prefix(prefix).map(str::to_owned);
        if let Some(text) = expression.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            return HeaderSource::Text(text.to_owned());
        }
        if let Some(name) = expression.strip_prefix("stageVariables.") {
            return HeaderSource::Text(variables.get(name).cloned().unwrap_or_default());
        }
        named("method.request.header.")
            .or_else(|| named("method.request.multivalueheader."))
            .map(HeaderSource::RequestHeader)
            .or_else(|| named("method.request.querystring.").map(HeaderSource::RequestQuery))
            .or_else(|| named("method.request.multivaluequerystring.").map(HeaderSource::RequestQuery))
            .or_else(|| named("method.request.path.").map(HeaderSource::RequestPath))
            .or_else(|| named("integration.response.header.").map(HeaderSource::ResponseHeader))
            .or_else(|| named("context.").map(HeaderSource::Context))
            .unwrap_or_else(|| HeaderSource::Unsupported(expression.to_owned()))
    }
}
