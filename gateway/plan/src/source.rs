//! Where mapped values come from, and how the pieces of a URI stand together.
//!
//! AWS: Parameter mapping source reference for REST APIs. Stage variables are constants of a plan. An expression that AWS does not
//! know has no value, and its mapping no effect.

use std::collections::BTreeMap;

use jsonpath::Path;

/// Where a mapped value comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// `'text'`, or a stage variable.
    Text(String),
    /// `method.request.path.NAME`.
    RequestPath(String),
    /// `method.request.querystring.NAME`: the last value.
    RequestQuery(String),
    /// `method.request.multivaluequerystring.NAME`: all values.
    RequestQueries(String),
    /// `method.request.header.NAME`: the last value.
    RequestHeader(String),
    /// `method.request.multivalueheader.NAME`: all values, joined by commas.
    RequestHeaders(String),
    /// `method.request.body` and `method.request.body.PATH`.
    RequestBody(BodyPart),
    /// `integration.response.header.NAME`: the last value.
    ResponseHeader(String),
    /// `integration.response.multivalueheader.NAME`: all values, joined by commas.
    ResponseHeaders(String),
    /// `integration.response.body` and `integration.response.body.PATH`.
    ResponseBody(BodyPart),
    /// `context.NAME`.
    Context(String),
    /// Nothing: the expression means nothing.
    None,
}

/// What of a body.
#[derive(Clone, Debug)]
pub enum BodyPart {
    /// All of it.
    Whole,
    /// What the path finds in it.
    Path(Path),
}

impl Source {
    /// Reads a mapping expression.
    pub fn compile(expression: &str, variables: &BTreeMap<String, String>) -> Source {
        if let Some(text) = expression.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            return Source::Text(text.to_owned());
        }
        let named = |prefix: &str| expression.strip_prefix(prefix).map(str::to_owned);
        let body = |prefix: &str| expression.strip_prefix(prefix).and_then(BodyPart::compile);
        if let Some(name) = expression.strip_prefix("stageVariables.") {
            return variables.get(name).map_or(Source::None, |value| Source::Text(value.clone()));
        }
        named("method.request.header.")
            .map(Source::RequestHeader)
            .or_else(|| named("method.request.multivalueheader.").map(Source::RequestHeaders))
            .or_else(|| named("method.request.querystring.").map(Source::RequestQuery))
            .or_else(|| named("method.request.multivaluequerystring.").map(Source::RequestQueries))
            .or_else(|| named("method.request.path.").map(Source::RequestPath))
            .or_else(|| body("method.request.body").map(Source::RequestBody))
            .or_else(|| named("integration.response.header.").map(Source::ResponseHeader))
            .or_else(|| named("integration.response.multivalueheader.").map(Source::ResponseHeaders))
            .or_else(|| body("integration.response.body").map(Source::ResponseBody))
            .or_else(|| named("context.").map(Source::Context))
            .unwrap_or(Source::None)
    }
}

impl BodyPart {
    /// Reads what stands after `body`; `None` if it is no path.
    fn compile(rest: &str) -> Option<BodyPart> {
        if rest.is_empty() {
            return Some(BodyPart::Whole);
        }
        // `body.name` and `body.$.name` mean the same.
        let path = rest.strip_prefix('.').unwrap_or(rest);
        let path = if path.starts_with('$') { path.to_owned() } else { format!("$.{path}") };
        Path::parse(&path).ok().map(BodyPart::Path)
    }
}

/// A piece of a URI.
#[derive(Clone, Debug, PartialEq)]
pub enum UriPiece {
    /// As it is.
    Text(String),
    /// `{name}` or `{name+}`: a mapped path parameter, else the client's own of that name.
    Name(String),
}

/// A URI in pieces. A brace that nothing closes is text.
pub fn uri_pieces(uri: &str) -> Vec<UriPiece> {
    let mut pieces = Vec::new();
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(UriPiece::Text(before.to_owned()));
        }
        pieces.push(UriPiece::Name(name.trim_end_matches('+').to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(UriPiece::Text(rest.to_owned()));
    }
    pieces
}

#[cfg(test)]
mod tests;
