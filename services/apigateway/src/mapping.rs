//! Mapping expressions: where a parameter of an integration, or a header of an answer, takes its value from.
//!
//! AWS: API Gateway API request and response data mapping reference. A parameter of the method must be declared by the method.

use std::collections::BTreeMap;

use plan::definition::{MethodDefinition, Strings};

use crate::error::Error;

/// Checks `method.request.{querystring|path|header}.NAME`, each name once.
pub(crate) fn check_request_names(parameters: &BTreeMap<String, bool>) -> Result<(), Error> {
    let mut names = Vec::new();
    for key in parameters.keys() {
        let name =
            after(key, &["method.request.querystring.", "method.request.path.", "method.request.header."]);
        let name = name.ok_or_else(|| unknown(key))?;
        if names.contains(&name) {
            return Err(Error::ParameterNames);
        }
        names.push(name);
    }
    Ok(())
}

/// Checks `method.response.header.NAME`.
pub(crate) fn check_response_name(key: &str) -> Result<(), Error> {
    after(key, &["method.response.header."]).map(drop).ok_or_else(|| unknown(key))
}

/// Checks where the parameters of an integration request go to and come from.
pub(crate) fn check_integration_request(
    parameters: &Strings,
    method: &MethodDefinition,
) -> Result<(), Error> {
    for (target, source) in parameters {
        let targets =
            ["integration.request.querystring.", "integration.request.path.", "integration.request.header."];
        after(target, &targets).ok_or_else(|| unknown(target))?;
        let declared = ["method.request.querystring.", "method.request.path.", "method.request.header."];
        if after(source, &declared).is_some() && !method.request_parameters.contains_key(source) {
            return Err(undeclared(source));
        }
        let free = ["method.request.multivaluequerystring.", "method.request.multivalueheader."];
        let known = after(source, &declared).is_some()
            || after(source, &free).is_some()
            || is_body(source, "method.request.body")
            || is_common(source);
        if !known {
            return Err(unknown(source));
        }
    }
    Ok(())
}

/// Checks where the headers of an integration response go to and come from.
pub(crate) fn check_integration_response(
    parameters: &Strings,
    method: &MethodDefinition,
    status: &str,
) -> Result<(), Error> {
    if !parameters.is_empty() && method.responses.is_empty() {
        return Err(Error::Mapping("No method response exists for method.".to_owned()));
    }
    for (target, source) in parameters {
        check_response_name(target)?;
        if !method
            .responses
            .get(status)
            .is_some_and(|response| response.response_parameters.contains_key(target))
        {
            return Err(undeclared(target));
        }
        let known =
            after(source, &["integration.response.header.", "integration.response.multivalueheader."]);
        if known.is_none() && !is_body(source, "integration.response.body") && !is_common(source) {
            return Err(unknown(source));
        }
    }
    Ok(())
}

/// Checks content types, the keys of templates and models.
pub(crate) fn check_content_types<'a>(keys: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
    for key in keys {
        if key != "$default"
            && !key.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty())
        {
            return Err(Error::ContentType(key.clone()));
        }
    }
    Ok(())
}

/// Checks where the headers of a gateway response go to and come from.
pub(crate) fn check_gateway_response(parameters: &Strings) -> Result<(), Error> {
    for (target, source) in parameters {
        after(target, &["gatewayresponse.header."]).ok_or_else(|| unknown(target))?;
        let request = ["method.request.querystring.", "method.request.path.", "method.request.header."];
        if after(source, &request).is_none() && !is_common(source) {
            return Err(unknown(source));
        }
    }
    Ok(())
}

fn is_common(source: &str) -> bool {
    let literal = source.len() >= 2 && source.starts_with('\'') && source.ends_with('\'');
    literal || after(source, &["context.", "stageVariables."]).is_some()
}

fn is_body(source: &str, body: &str) -> bool {
    source == body || source.strip_prefix(body).is_some_and(|path| path.starts_with(['.', '[']))
}

fn after<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).filter(|rest| !rest.is_empty())
}

fn unknown(expression: &str) -> Error {
    Error::Mapping(format!("Invalid mapping expression specified: {expression}"))
}

fn undeclared(parameter: &str) -> Error {
    Error::Mapping(format!("Invalid mapping expression parameter specified: {parameter}"))
}

#[cfg(test)]
mod tests;
