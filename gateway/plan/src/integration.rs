//! What is behind a method, with everything worked out that does not depend on a request.

use std::collections::BTreeMap;

use crate::definition::{IntegrationDefinition, MethodDefinition};
use crate::mapping::{Mapping, Parameters};
use crate::source::{Source, UriPiece, uri_pieces};
use crate::template::fill_stage_variables;

/// What answers a method's requests.
#[derive(Debug)]
pub enum Integration {
    /// `AWS_PROXY`: a Lambda function.
    LambdaProxy(Function),
    /// `AWS` with a function's invocation path.
    Lambda(Function, Mapping),
    /// `AWS` with another service.
    Service(ServiceTarget, Mapping),
    /// `HTTP_PROXY`.
    HttpProxy(HttpTarget, Parameters),
    /// `HTTP`.
    Http(HttpTarget, Mapping),
    /// `MOCK`.
    Mock(Mapping),
    /// Something that is stored but not served yet; the text names it.
    Unsupported(String),
    /// Something that can never work; the text says why.
    Broken(String),
}

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Its ARN, with its qualifier; stage variables filled in.
    pub arn: String,
    /// Role to call it with, if not by the function's own policy.
    pub credentials: Option<String>,
    /// `X-Amz-Invocation-Type`, if it is mapped.
    pub invocation_type: Option<Source>,
}

/// Where an `HTTP` or `HTTP_PROXY` integration goes.
#[derive(Debug)]
pub struct HttpTarget {
    /// Method, or `ANY` for the client's.
    pub method: String,
    /// The URI in pieces.
    pub uri: Vec<UriPiece>,
    /// True: the backend's certificate need not be issued by a known authority.
    pub is_insecure: bool,
    /// The VPC link through which the backend is reached: its id, and the integration's target if there is one.
    pub link: Option<(String, Option<String>)>,
    /// True: the answer goes to the client as it comes.
    pub is_streamed: bool,
}

/// A service of AWS and what is asked of it.
#[derive(Debug)]
pub struct ServiceTarget {
    /// Region that the URI names.
    pub region: String,
    /// The service as the URI names it, such as `sqs` or `states`.
    pub service: String,
    /// The label before the service's name, as in `arn:aws:apigateway:us-east-1:queue.sqs:…`.
    pub subdomain: Option<String>,
    /// What is asked.
    pub ask: Ask,
    /// Method towards the service, or `ANY` for the client's.
    pub method: String,
    /// Role's ARN, or `arn:aws:iam::*:user/*` for the caller's own credentials.
    pub credentials: Option<String>,
}

/// What is asked of a service.
#[derive(Debug)]
pub enum Ask {
    /// `action/NAME`, in pieces; further parameters may follow after `&`.
    Action(Vec<UriPiece>),
    /// `path/…`: the path of the service's own API after its first slash, in pieces.
    Path(Vec<UriPiece>),
}

/// Recorded on AWS: a mapping of these fails each request to a function or service.
const FORBIDDEN_TOWARDS_AWS: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "proxy-authenticate",
    "te",
    "transfer-encoding",
];
/// Recorded on AWS: the same for backends.
const FORBIDDEN_TOWARDS_HTTP: [&str; 2] = ["content-length", "transfer-encoding"];

impl Integration {
    /// Works out a method's integration for a stage with these variables.
    pub fn compile(
        method: &MethodDefinition,
        definition: &IntegrationDefinition,
        variables: &BTreeMap<String, String>,
    ) -> Integration {
        compile(method, definition, variables).unwrap_or_else(Integration::Broken)
    }
}

fn compile(
    method: &MethodDefinition,
    definition: &IntegrationDefinition,
    variables: &BTreeMap<String, String>,
) -> Result<Integration, String> {
    let uri = definition.uri.as_deref().map(|uri| fill_stage_variables(uri, variables)).unwrap_or_default();
    let is_streamed = definition.response_transfer_mode.as_deref() == Some("STREAM");
    let mapping = || Mapping::compile(method, definition, variables);
    Ok(match definition.kind.as_str() {
        "MOCK" => Integration::Mock(mapping()?),
        "AWS_PROXY" if is_streamed => {
            Integration::Unsupported("Lambda integrations whose answers are streamed (STREAM)".to_owned())
        }
        "AWS_PROXY" => Integration::LambdaProxy(lambda(definition, &uri, variables)?),
        "AWS" if is_function(&uri) => Integration::Lambda(lambda(definition, &uri, variables)?, mapping()?),
        "AWS" => Integration::Service(service(definition, &uri, variables)?, mapping()?),
        "HTTP_PROXY" => {
            let parameters = Parameters::compile(&definition.request_parameters, variables)?;
            Integration::HttpProxy(http(definition, &uri, variables)?, parameters)
        }
        "HTTP" => Integration::Http(http(definition, &uri, variables)?, mapping()?),
        other => Integration::Unsupported(format!("integrations of type {other}")),
    })
}

/// True for `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{ARN}/invocations`.
fn is_function(uri: &str) -> bool {
    uri.contains(":lambda:path/") && uri.contains("/functions/") && uri.ends_with("/invocations")
}

fn lambda(
    definition: &IntegrationDefinition,
    uri: &str,
    variables: &BTreeMap<String, String>,
) -> Result<Function, String> {
    // AWS: the integration's own method is POST for Lambda, whatever the client's is.
    if definition.http_method.as_deref() != Some("POST") {
        return Err("a Lambda integration needs the integration method POST".to_owned());
    }
    let function = uri
        .split_once("/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"))
        .filter(|function| function.starts_with("arn:"));
    let Some(function) = function else {
        return Err(format!("no function is named in the integration URI {uri}"));
    };
    refuse_headers(definition, &FORBIDDEN_TOWARDS_AWS)?;
    let invocation_type = definition.request_parameters.iter().find(|(name, _)| {
        name.strip_prefix("integration.request.header.")
            .is_some_and(|name| name.eq_ignore_ascii_case("X-Amz-Invocation-Type"))
    });
    Ok(Function {
        arn: function.to_owned(),
        credentials: credentials(definition, variables),
        invocation_type: invocation_type.map(|(_, source)| Source::compile(source, variables)),
    })
}

fn service(
    definition: &IntegrationDefinition,
    uri: &str,
    variables: &BTreeMap<String, String>,
) -> Result<ServiceTarget, String> {
    refuse_headers(definition, &FORBIDDEN_TOWARDS_AWS)?;
    let invalid = || format!("the integration URI {uri} names no service");
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    let [_, _, "apigateway", region, service, rest] = parts[..] else { return Err(invalid()) };
    let (subdomain, service) = match service.rsplit_once('.') {
        Some((subdomain, service)) => (Some(subdomain.to_owned()), service),
        None => (None, service),
    };
    let ask = match rest.split_once('/') {
        Some(("action", action)) => Ask::Action(uri_pieces(action)),
        Some(("path", path)) => Ask::Path(uri_pieces(path)),
        _ => return Err(invalid()),
    };
    Ok(ServiceTarget {
        region: region.to_owned(),
        service: service.to_owned(),
        subdomain,
        ask,
        method: definition.http_method.clone().unwrap_or_else(|| "ANY".to_owned()),
        credentials: credentials(definition, variables),
    })
}

fn http(
    definition: &IntegrationDefinition,
    uri: &str,
    variables: &BTreeMap<String, String>,
) -> Result<HttpTarget, String> {
    refuse_headers(definition, &FORBIDDEN_TOWARDS_HTTP)?;
    let link = match definition.connection_type.as_str() {
        "VPC_LINK" => {
            let id = definition.connection_id.as_deref().unwrap_or_default();
            Some((fill_stage_variables(id, variables), definition.integration_target.clone()))
        }
        _ => None,
    };
    Ok(HttpTarget {
        method: definition.http_method.clone().unwrap_or_else(|| "ANY".to_owned()),
        uri: uri_pieces(uri),
        is_insecure: definition.insecure_skip_verification.unwrap_or(false),
        link,
        is_streamed: definition.kind == "HTTP_PROXY"
            && definition.response_transfer_mode.as_deref() == Some("STREAM"),
    })
}

fn credentials(definition: &IntegrationDefinition, variables: &BTreeMap<String, String>) -> Option<String> {
    definition.credentials.as_deref().map(|arn| fill_stage_variables(arn, variables))
}

/// Says which header is mapped that may not be.
fn refuse_headers(definition: &IntegrationDefinition, forbidden: &[&str]) -> Result<(), String> {
    let mapped = definition.request_parameters.keys();
    let mut headers = mapped.filter_map(|name| name.strip_prefix("integration.request.header."));
    match headers.find(|name| forbidden.iter().any(|known| known.eq_ignore_ascii_case(name))) {
        Some(name) => Err(format!("{name} header already present")),
        None => Ok(()),
    }
}
