//! Gateway responses: the types there are, what each is until it is customised, and its patches.
//!
//! A type that is not customised shows what `DEFAULT_4XX` or `DEFAULT_5XX` says, if that is. AWS: Gateway response types.

use std::collections::BTreeMap;

use plan::definition::{GatewayResponseDefinition, Strings};

use crate::error::Error;
use crate::generated::{GatewayResponse, PutGatewayResponseRequest};
use crate::patch::{Op, Patch};

/// Types and statuses, as AWS lists them.
const TYPES: [(&str, Option<&str>); 21] = [
    ("ACCESS_DENIED", Some("403")),
    ("API_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_FAILURE", Some("500")),
    ("BAD_REQUEST_BODY", Some("400")),
    ("BAD_REQUEST_PARAMETERS", Some("400")),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
    ("EXPIRED_TOKEN", Some("403")),
    ("INTEGRATION_FAILURE", Some("504")),
    ("INTEGRATION_TIMEOUT", Some("504")),
    ("INVALID_API_KEY", Some("403")),
    ("INVALID_SIGNATURE", Some("403")),
    ("MISSING_AUTHENTICATION_TOKEN", Some("403")),
    ("QUOTA_EXCEEDED", Some("429")),
    ("REQUEST_TOO_LARGE", Some("413")),
    ("RESOURCE_NOT_FOUND", Some("404")),
    ("THROTTLED", Some("429")),
    ("UNAUTHORIZED", Some("401")),
    ("UNSUPPORTED_MEDIA_TYPE", Some("415")),
    ("WAF_FILTERED", Some("403")),
];

/// The types in the order of AWS's validation text.
pub(crate) const NAMES: &[&str] = &[
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "MISSING_AUTHENTICATION_TOKEN",
    "BAD_REQUEST_BODY",
    "INVALID_SIGNATURE",
    "INVALID_API_KEY",
    "BAD_REQUEST_PARAMETERS",
    "AUTHORIZER_FAILURE",
    "UNAUTHORIZED",
    "INTEGRATION_TIMEOUT",
    "ACCESS_DENIED",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "WAF_FILTERED",
    "QUOTA_EXCEEDED",
    "THROTTLED",
    "API_CONFIGURATION_ERROR",
    "UNSUPPORTED_MEDIA_TYPE",
    "INTEGRATION_FAILURE",
    "EXPIRED_TOKEN",
];

/// Most headers, and most templates, of one response.
const ENTRIES_MAX: usize = 100;

type Customised = BTreeMap<String, GatewayResponseDefinition>;

/// The response that a request asks for; what it does not say is as AWS has it for the type.
pub(crate) fn from_request(req: PutGatewayResponseRequest) -> Result<GatewayResponseDefinition, Error> {
    let own = built_in(&req.response_type);
    let filled = |map: Option<Strings>| map.filter(|map| !map.is_empty());
    let response = GatewayResponseDefinition {
        status_code: req.status_code.filter(|status| !status.is_empty()).or(own.status_code),
        response_parameters: filled(req.response_parameters).unwrap_or_default(),
        response_templates: filled(req.response_templates).unwrap_or(own.response_templates),
    };
    check(&response)?;
    Ok(response)
}

/// All types as a client sees them, those in `customised` as they were put.
pub(crate) fn all(customised: &Customised) -> Vec<GatewayResponse> {
    TYPES.iter().map(|(kind, _)| shown(kind, customised)).collect()
}

/// One type as a client sees it.
pub(crate) fn shown(kind: &str, customised: &Customised) -> GatewayResponse {
    let own = customised.get(kind);
    let response = own.cloned().unwrap_or_else(|| {
        let built_in = built_in(kind);
        let family = built_in.status_code.as_deref().map(|status| match status.as_bytes().first() {
            Some(b'5') => "DEFAULT_5XX",
            _ => "DEFAULT_4XX",
        });
        match family.and_then(|family| customised.get(family)) {
            Some(default) => GatewayResponseDefinition {
                status_code: default.status_code.clone().or(built_in.status_code),
                ..default.clone()
            },
            None => built_in,
        }
    });
    GatewayResponse {
        response_type: Some(kind.to_owned()),
        status_code: response.status_code,
        response_parameters: Some(response.response_parameters),
        response_templates: Some(response.response_templates),
        default_response: Some(own.is_none()),
    }
}

/// What a type is that nobody customised.
pub(crate) fn built_in(kind: &str) -> GatewayResponseDefinition {
    let status = TYPES.iter().find(|(name, _)| *name == kind).and_then(|(_, status)| *status);
    GatewayResponseDefinition {
        status_code: status.map(str::to_owned),
        response_parameters: Strings::new(),
        response_templates: Strings::from([(
            "application/json".to_owned(),
            "{\"message\":$context.error.messageString}".to_owned(),
        )]),
    }
}

/// Does what the patches say. AWS answers a path it knows with a wrong operation as one it does not know.
pub(crate) fn apply(response: &mut GatewayResponseDefinition, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        let unknown = || Error::PatchPath(patch.path.clone());
        let parts: Vec<&str> = patch.parts.iter().map(String::as_str).collect();
        match (parts.as_slice(), patch.op) {
            (["statusCode"], Op::Replace) => response.status_code = patch.filled(),
            (["responseParameters", name], Op::Add | Op::Replace | Op::Remove) if !name.is_empty() => {
                entry(&mut response.response_parameters, patch, "responseParameters", Error::NoParameter)?;
            }
            (["responseTemplates", name], Op::Add | Op::Replace | Op::Remove) if !name.is_empty() => {
                entry(&mut response.response_templates, patch, "responseTemplates", Error::NoContentType)?;
            }
            _ => return Err(unknown()),
        }
    }
    check(response)
}

/// Only what is there can be replaced or taken away.
fn entry(map: &mut Strings, patch: &Patch, of: &'static str, missing: Error) -> Result<(), Error> {
    let name = patch.last();
    if patch.op != Op::Remove && patch.filled().is_none() {
        return Err(Error::EmptyEntry(of));
    }
    if patch.op != Op::Add && !map.contains_key(name) {
        return Err(missing);
    }
    match patch.op {
        Op::Remove => map.remove(name),
        _ => map.insert(name.to_owned(), patch.text().to_owned()),
    };
    Ok(())
}

/// Checks a response whole.
pub(crate) fn check(response: &GatewayResponseDefinition) -> Result<(), Error> {
    let is_status = |status: &String| {
        status.len() == 3
            && status.bytes().all(|byte| byte.is_ascii_digit())
            && (b'1'..=b'5').contains(&status.as_bytes()[0])
    };
    if response.status_code.as_ref().is_some_and(|status| !is_status(status)) {
        return Err(Error::GatewayStatus);
    }
    if response.response_parameters.len() > ENTRIES_MAX || response.response_templates.len() > ENTRIES_MAX {
        return Err(Error::TooMany("entries of a gateway response"));
    }
    crate::mapping::check_content_types(response.response_templates.keys())?;
    crate::mapping::check_gateway_response(&response.response_parameters)
}
