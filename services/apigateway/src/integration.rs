//! Integrations: made from a request, patched, shown.
//!
//! Every kind is kept; which kinds the data plane can run is the data plane's to say. AWS shows a connection type only for HTTP.

use kernel::Arn;
use plan::definition::{IntegrationDefinition, MethodDefinition};

use crate::error::Error;
use crate::generated::{Integration, PutIntegrationRequest, TlsConfig};
use crate::mapping;
use crate::patch::{self, ELEMENT, ENTRY, Patch, REPLACE, Rule, element, entry};

/// AWS: Patch Operations, UpdateIntegration.
const RULES: &[Rule] = &[
    ("/cacheKeyParameters/{}", ELEMENT),
    ("/cacheNamespace", REPLACE),
    ("/connectionId", REPLACE),
    ("/connectionType", REPLACE),
    ("/contentHandling", REPLACE),
    ("/credentials", REPLACE),
    ("/httpMethod", REPLACE),
    ("/integrationTarget", REPLACE),
    ("/passthroughBehavior", REPLACE),
    ("/requestParameters/{}", ENTRY),
    ("/requestTemplates/{}", ENTRY),
    ("/responseTransferMode", REPLACE),
    ("/timeoutInMillis", REPLACE),
    ("/tlsConfig/insecureSkipVerification", REPLACE),
    ("/uri", REPLACE),
];

const TIMEOUT_MS_DEFAULT: u64 = 29_000;

/// The integration of `method` that a request of `account` asks for.
pub(crate) fn from_request(
    req: PutIntegrationRequest,
    method: &MethodDefinition,
    account: &str,
) -> Result<IntegrationDefinition, Error> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let integration = IntegrationDefinition {
        kind: req.type_,
        http_method: filled(req.integration_http_method),
        uri: filled(req.uri),
        connection_type: filled(req.connection_type).unwrap_or_else(|| "INTERNET".to_owned()),
        connection_id: filled(req.connection_id),
        integration_target: filled(req.integration_target),
        response_transfer_mode: filled(req.response_transfer_mode),
        credentials: filled(req.credentials),
        request_parameters: req.request_parameters.unwrap_or_default(),
        request_templates: req.request_templates.unwrap_or_default(),
        passthrough_behavior: filled(req.passthrough_behavior).unwrap_or_else(|| "WHEN_NO_MATCH".to_owned()),
        content_handling: req.content_handling,
        timeout_ms: req.timeout_in_millis.map_or(Ok(TIMEOUT_MS_DEFAULT), timeout)?,
        cache_namespace: Some(filled(req.cache_namespace).unwrap_or(req.resource_id)),
        cache_key_parameters: req.cache_key_parameters.unwrap_or_default(),
        insecure_skip_verification: req.tls_config.and_then(|tls| tls.insecure_skip_verification),
        ..IntegrationDefinition::default()
    };
    check_whole(&integration, method, account)?;
    Ok(integration)
}

/// The integration as a client sees it.
pub(crate) fn shown(integration: &IntegrationDefinition) -> Integration {
    let responses = || {
        let all = integration.responses.iter();
        all.map(|(status, response)| (status.clone(), crate::integration_response::shown(status, response)))
            .collect()
    };
    let is_http = integration.kind.starts_with("HTTP");
    Integration {
        type_: Some(integration.kind.clone()),
        http_method: integration.http_method.clone(),
        uri: integration.uri.clone(),
        connection_type: is_http.then(|| integration.connection_type.clone()),
        connection_id: integration.connection_id.clone(),
        integration_target: integration.integration_target.clone(),
        response_transfer_mode: integration.response_transfer_mode.clone(),
        credentials: integration.credentials.clone(),
        request_parameters: (!integration.request_parameters.is_empty())
            .then(|| integration.request_parameters.clone()),
        request_templates: (!integration.request_templates.is_empty())
            .then(|| integration.request_templates.clone()),
        passthrough_behavior: Some(integration.passthrough_behavior.clone()),
        content_handling: integration.content_handling.clone(),
        timeout_in_millis: i64::try_from(integration.timeout_ms).ok(),
        cache_namespace: integration.cache_namespace.clone(),
        cache_key_parameters: Some(integration.cache_key_parameters.clone()),
        integration_responses: (!integration.responses.is_empty()).then(responses),
        tls_config: integration
            .insecure_skip_verification
            .map(|skip| TlsConfig { insecure_skip_verification: Some(skip) }),
    }
}

/// Does what the patches say to the integration of `method`.
pub(crate) fn apply(
    integration: &mut IntegrationDefinition,
    patches: &[Patch],
    method: &MethodDefinition,
    account: &str,
) -> Result<(), Error> {
    for patch in patches {
        match patch::check(RULES, patch)? {
            "/cacheKeyParameters/{}" => element(&mut integration.cache_key_parameters, patch, patch.last()),
            "/cacheNamespace" => integration.cache_namespace = patch.filled(),
            "/connectionId" => integration.connection_id = patch.filled(),
            "/connectionType" => {
                integration.connection_type = patch.filled().unwrap_or_else(|| "INTERNET".to_owned());
            }
            "/contentHandling" => integration.content_handling = content_handling(patch)?,
            "/credentials" => integration.credentials = patch.filled(),
            "/httpMethod" => integration.http_method = patch.filled(),
            "/integrationTarget" => integration.integration_target = patch.filled(),
            "/passthroughBehavior" => integration.passthrough_behavior = patch.text().to_owned(),
            "/requestParameters/{}" => {
                let value = patch.text().to_owned();
                entry(&mut integration.request_parameters, patch, value, Error::NoParameter)?;
            }
            "/requestTemplates/{}" => {
                let value = patch.text().to_owned();
                entry(&mut integration.request_templates, patch, value, Error::NoContentType)?;
            }
            "/responseTransferMode" => integration.response_transfer_mode = patch.filled(),
            "/timeoutInMillis" => {
                integration.timeout_ms = timeout(patch.text().parse().map_err(|_| Error::Timeout)?)?;
            }
            "/uri" => integration.uri = patch.filled(),
            _ => integration.insecure_skip_verification = Some(patch.flag()),
        }
    }
    check_whole(integration, method, account)
}

/// What `contentHandling` may be replaced with; nothing takes it away.
pub(crate) fn content_handling(patch: &Patch) -> Result<Option<String>, Error> {
    known_content_handling(patch.text()).map(|()| patch.filled())
}

fn known_content_handling(text: &str) -> Result<(), Error> {
    match text {
        "" | "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT" => Ok(()),
        _ => {
            Err(Error::Enumeration { name: "ContentHandling", options: "CONVERT_TO_BINARY,CONVERT_TO_TEXT" })
        }
    }
}

/// Checks an integration that no request of its own asked for, as one of an imported document.
pub(crate) fn check(
    integration: &IntegrationDefinition,
    method: &MethodDefinition,
    account: &str,
) -> Result<(), Error> {
    integration.content_handling.as_deref().map(known_content_handling).transpose()?;
    i64::try_from(integration.timeout_ms).map_err(|_| Error::Timeout).and_then(timeout)?;
    if !matches!(integration.kind.as_str(), "AWS" | "AWS_PROXY" | "HTTP" | "HTTP_PROXY" | "MOCK") {
        let options = "HTTP,AWS,MOCK,HTTP_PROXY,AWS_PROXY";
        return Err(Error::Enumeration { name: "IntegrationType", options });
    }
    check_whole(integration, method, account)
}

fn check_whole(
    integration: &IntegrationDefinition,
    method: &MethodDefinition,
    account: &str,
) -> Result<(), Error> {
    let uri = integration.uri.as_deref().unwrap_or_default();
    if integration.kind != "MOCK" && integration.http_method.is_none() {
        return Err(Error::NoHttpMethod);
    }
    if let Some(name) = &integration.http_method {
        crate::method::check_name(name)?;
    }
    check_connection(integration)?;
    check_transfer(integration)?;
    match integration.kind.as_str() {
        "HTTP" | "HTTP_PROXY" if !is_endpoint(uri) => return Err(Error::Endpoint),
        "AWS" | "AWS_PROXY" => check_arn(integration, uri, account)?,
        _ => {}
    }
    match integration.passthrough_behavior.as_str() {
        "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER" => {}
        _ => {
            let options = "WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER";
            return Err(Error::Enumeration { name: "PassthroughBehavior", options });
        }
    }
    mapping::check_content_types(integration.request_templates.keys())?;
    mapping::check_integration_request(&integration.request_parameters, method)
}

fn check_arn(integration: &IntegrationDefinition, uri: &str, account: &str) -> Result<(), Error> {
    let arn = Arn::parse(uri).ok_or(Error::Arn)?;
    let is_path = arn.resource.starts_with("path/") || arn.resource.starts_with("action/");
    if arn.service != "apigateway" || !is_path {
        return Err(Error::IntegrationArn);
    }
    // In these ARNs the fifth part is not an account but the service that is called, perhaps behind a subdomain.
    let target = arn.account.rsplit('.').next().unwrap_or_default();
    if integration.kind == "AWS_PROXY" && !matches!(target, "lambda" | "firehose") {
        return Err(Error::ProxyTarget);
    }
    match &integration.credentials {
        None if target != "lambda" => Err(Error::NoRole),
        None => Ok(()),
        Some(role) => {
            let role = Arn::parse(role).ok_or(Error::Arn)?;
            let is_ours = role.account == account || role.account == "*" || role.account.contains("${");
            if is_ours { Ok(()) } else { Err(Error::CrossAccountRole) }
        }
    }
}

/// `http://` or `https://` and a host, which may be a stage variable.
fn is_endpoint(uri: &str) -> bool {
    let rest = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']) && !rest.contains(' ')
    })
}

fn timeout(ms: i64) -> Result<u64, Error> {
    u64::try_from(ms).ok().filter(|ms| (50..=TIMEOUT_MS_DEFAULT).contains(ms)).ok_or(Error::Timeout)
}

/// Only backends are reached through VPC links.
fn check_connection(integration: &IntegrationDefinition) -> Result<(), Error> {
    match (integration.connection_type.as_str(), integration.kind.as_str()) {
        ("INTERNET", _) | ("VPC_LINK", "HTTP" | "HTTP_PROXY") => Ok(()),
        ("VPC_LINK", _) => Err(Error::NotBuilt("VPC links of other integrations than HTTP and HTTP_PROXY")),
        _ => Err(Error::Enumeration { name: "ConnectionType", options: "INTERNET,VPC_LINK" }),
    }
}

/// Answers of backends can be streamed as they come.
fn check_transfer(integration: &IntegrationDefinition) -> Result<(), Error> {
    match (integration.response_transfer_mode.as_deref(), integration.kind.as_str()) {
        (None | Some("BUFFERED"), _) | (Some("STREAM"), "HTTP_PROXY") => Ok(()),
        (Some("STREAM"), _) => {
            Err(Error::NotBuilt("responseTransferMode STREAM of other integrations than HTTP_PROXY"))
        }
        _ => Err(Error::Enumeration { name: "ResponseTransferMode", options: "BUFFERED,STREAM" }),
    }
}
