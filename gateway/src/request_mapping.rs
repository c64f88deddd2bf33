//! From a method request to an integration request: template, content, parameters, overrides.
//!
//! AWS: Data transformations for REST APIs; Method request behavior for payloads without mapping templates; Override your API's request
//! and response parameters. Overrides are applied last, each over the parameter of its name.

use bytes::Bytes;
use plan::{Mapping, Parameters, Passthrough, Source, Template};

use crate::content::{self, NotBase64, Payload};
use crate::exchange::Exchange;
use crate::response::{GatewayResponse, Kind};
use crate::template;
use crate::value::Values;

/// What an integration is sent, whatever its kind.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct IntegrationRequest {
    /// Mapped headers.
    pub(crate) headers: Vec<(String, String)>,
    /// Mapped parameters of the query, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Mapped path parameters.
    pub(crate) path: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// Maps a method request for a custom integration.
pub(crate) fn map(exchange: &mut Exchange, mapping: &Mapping) -> Result<IntegrationRequest, GatewayResponse> {
    let template = choose(exchange, mapping)?;
    let is_binary = exchange.plan.binary.is_binary(exchange.header("content-type"));
    let payload = content::of_request(&exchange.inbound.body, is_binary, mapping.content)
        .map_err(|NotBase64| failed(exchange, "Unable to base64 decode the body"))?;
    let mut request = parameters(exchange, &mapping.parameters)?;
    let Some(template) = template else {
        request.body = payload.into_bytes();
        return Ok(request);
    };
    if let Template::Text(text) = template {
        request.body = Bytes::copy_from_slice(text.as_bytes());
        return Ok(request);
    }
    let Payload::Text(body) = payload else {
        return Err(failed(exchange, "Unable to transform request"));
    };
    request.body = template::rendered(exchange, template, String::from_utf8_lossy(&body))?.into();
    for (name, values) in &exchange.overrides.request_header {
        request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        request.headers.push((name.clone(), values.join(",")));
    }
    for (name, values) in &exchange.overrides.request_querystring {
        request.query.retain(|(known, _)| known != name);
        request.query.extend(values.iter().map(|value| (name.clone(), value.clone())));
    }
    for (name, values) in &exchange.overrides.request_path {
        request.path.retain(|(known, _)| known != name);
        request.path.push((name.clone(), values.join(",")));
    }
    Ok(request)
}

/// The template that takes the request's body; `None` if the body passes through.
pub(crate) fn choose<'m>(
    exchange: &Exchange,
    mapping: &'m Mapping,
) -> Result<Option<&'m Template>, GatewayResponse> {
    let given = exchange.header("content-type").unwrap_or("application/json");
    let media = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (mapping.template(&media), mapping.passthrough) {
        (Some(template), _) => Ok(Some(template)),
        (None, Passthrough::Never) => Err(Kind::UnsupportedMediaType.into()),
        (None, Passthrough::WhenNoTemplates) if !mapping.templates.is_empty() => {
            Err(Kind::UnsupportedMediaType.into())
        }
        (None, _) => Ok(None),
    }
}

/// Parameters as their sources have them.
pub(crate) fn parameters(
    exchange: &Exchange,
    parameters: &Parameters,
) -> Result<IntegrationRequest, GatewayResponse> {
    let values = Values::of_request(exchange);
    let single = |sources: &[(String, Source)]| {
        let mut pairs = Vec::with_capacity(sources.len());
        for (name, source) in sources {
            if let Some(value) = values.get(source)? {
                pairs.push((name.clone(), value.into_owned()));
            }
        }
        Ok::<_, GatewayResponse>(pairs)
    };
    let mut query = Vec::with_capacity(parameters.query.len());
    for (name, source) in &parameters.query {
        query.extend(values.all(source)?.into_iter().map(|value| (name.clone(), value.into_owned())));
    }
    Ok(IntegrationRequest {
        headers: single(&parameters.headers)?,
        query,
        path: single(&parameters.path)?,
        body: Bytes::new(),
    })
}

/// AWS's 500 for an integration that cannot work, and the execution log's line that says why.
pub(crate) fn failed(exchange: &mut Exchange, why: impl std::fmt::Display) -> GatewayResponse {
    exchange.trail.error(|| format!("Execution failed due to configuration error: {why}"));
    exchange.integration.error = Some(why.to_string());
    Kind::ApiConfigurationError.into()
}

#[cfg(test)]
mod tests;
