//! Authorizers: made from a request, patched, shown; what refers to one.
//!
//! A user pool may also be named by the URL of an OpenID issuer, which AWS does not take. `authType` is kept and shown without effect, as
//! on AWS.

use kernel::Arn;
use plan::definition::AuthorizerDefinition;

use crate::error::Error;
use crate::generated::{Authorizer, CreateAuthorizerRequest};
use crate::patch::{ELEMENT, ENTRY, Op, Patch, REPLACE, Rule, check_by_op, element};
use crate::tables::ResourceRecord;

/// AWS: Patch Operations, UpdateAuthorizer, and `/type` of the API reference before it.
const RULES: &[Rule] = &[
    ("/authType", REPLACE),
    ("/authorizerCredentials", REPLACE),
    ("/authorizerResultTtlInSeconds", REPLACE),
    ("/authorizerUri", REPLACE),
    ("/identitySource", ENTRY),
    ("/identityValidationExpression", REPLACE),
    ("/name", REPLACE),
    ("/providerARNs", ELEMENT),
    ("/type", REPLACE),
];

/// Most user pools of one authorizer (AWS: 10 unless raised).
const PROVIDERS_MAX: usize = 100;
/// AWS: the maximum value is 3600, or one hour.
const TTL_SECONDS_MAX: i64 = 3600;

/// The authorizer that a request of `account` asks for.
pub(crate) fn from_request(
    req: CreateAuthorizerRequest,
    id: String,
    account: &str,
) -> Result<AuthorizerDefinition, Error> {
    if req.type_ == "JWT" || req.jwt_configuration.is_some() {
        return Err(Error::NotBuilt("JWT authorizers of REST APIs"));
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let auth_type = if req.type_ == "COGNITO_USER_POOLS" { "cognito_user_pools" } else { "custom" };
    let authorizer = AuthorizerDefinition {
        id,
        name: req.name,
        kind: req.type_,
        provider_arns: req.provider_arns.unwrap_or_default(),
        auth_type: Some(filled(req.auth_type).unwrap_or_else(|| auth_type.to_owned())),
        uri: filled(req.authorizer_uri),
        credentials: filled(req.authorizer_credentials),
        identity_source: filled(req.identity_source),
        identity_validation_expression: filled(req.identity_validation_expression),
        ttl_seconds: req.authorizer_result_ttl_in_seconds,
    };
    check_whole(&authorizer, account)?;
    Ok(authorizer)
}

/// The authorizer as a client sees it.
pub(crate) fn shown(authorizer: &AuthorizerDefinition) -> Authorizer {
    Authorizer {
        id: Some(authorizer.id.clone()),
        name: Some(authorizer.name.clone()),
        type_: Some(authorizer.kind.clone()),
        provider_arns: (!authorizer.provider_arns.is_empty()).then(|| authorizer.provider_arns.clone()),
        auth_type: authorizer.auth_type.clone(),
        authorizer_uri: authorizer.uri.clone(),
        authorizer_credentials: authorizer.credentials.clone(),
        identity_source: authorizer.identity_source.clone(),
        identity_validation_expression: authorizer.identity_validation_expression.clone(),
        authorizer_result_ttl_in_seconds: authorizer.ttl_seconds,
        jwt_configuration: None,
    }
}

/// Does what the patches of `account` say.
pub(crate) fn apply(
    authorizer: &mut AuthorizerDefinition,
    patches: &[Patch],
    account: &str,
) -> Result<(), Error> {
    for patch in patches {
        let filled = patch.filled().filter(|_| patch.op != Op::Remove);
        match check_by_op(RULES, patch)? {
            "/authType" => authorizer.auth_type = filled,
            "/authorizerCredentials" => authorizer.credentials = filled,
            "/authorizerResultTtlInSeconds" => {
                let seconds = filled.map(|text| text.parse().map_err(|_| Error::AuthorizerTtl));
                authorizer.ttl_seconds = seconds.transpose()?;
            }
            "/authorizerUri" => authorizer.uri = filled,
            "/identitySource" => authorizer.identity_source = filled,
            "/identityValidationExpression" => authorizer.identity_validation_expression = filled,
            "/name" => authorizer.name = filled.unwrap_or_default(),
            "/providerARNs" => element(&mut authorizer.provider_arns, patch, patch.text()),
            _ => match patch.text() {
                kind @ ("TOKEN" | "REQUEST" | "COGNITO_USER_POOLS") => authorizer.kind = kind.to_owned(),
                _ => {
                    let options = "TOKEN,REQUEST,COGNITO_USER_POOLS";
                    return Err(Error::Enumeration { name: "AuthorizerType", options });
                }
            },
        }
    }
    check_whole(authorizer, account)
}

/// An error if `name` is taken by another of the API's authorizers.
pub(crate) fn check_name<'a>(
    authorizer: &AuthorizerDefinition,
    mut others: impl Iterator<Item = &'a AuthorizerDefinition>,
) -> Result<(), Error> {
    let is_taken = others.any(|other| other.name == authorizer.name && other.id != authorizer.id);
    if is_taken { Err(Error::AuthorizerName(authorizer.name.clone())) } else { Ok(()) }
}

/// An error that names the first method that the authorizer decides on.
pub(crate) fn check_unused(
    authorizer: &AuthorizerDefinition,
    resources: &[ResourceRecord],
) -> Result<(), Error> {
    for resource in resources.iter().map(|record| &record.resource) {
        for (verb, method) in &resource.methods {
            if method.authorizer_id.as_ref() == Some(&authorizer.id) {
                let method = format!("{verb}/{}", resource.path);
                return Err(Error::AuthorizerInUse { name: authorizer.name.clone(), method });
            }
        }
    }
    Ok(())
}

/// Checks an authorizer of `account` whole.
pub(crate) fn check_whole(authorizer: &AuthorizerDefinition, account: &str) -> Result<(), Error> {
    if authorizer.name.is_empty() {
        return Err(Error::EmptyAuthorizerName);
    }
    if authorizer.ttl_seconds.is_some_and(|seconds| !(0..=TTL_SECONDS_MAX).contains(&seconds)) {
        return Err(Error::AuthorizerTtl);
    }
    if authorizer.provider_arns.len() > PROVIDERS_MAX {
        return Err(Error::TooMany("providers"));
    }
    let expression = authorizer.identity_validation_expression.as_deref();
    if expression.is_some_and(|text| fancy_regex::Regex::new(text).is_err()) {
        return Err(Error::IdentityExpression);
    }
    check_source(authorizer)?;
    if let Some(role) = &authorizer.credentials {
        let role = Arn::parse(role).ok_or(Error::Arn)?;
        if role.account != account && role.account != "*" {
            return Err(Error::CrossAccountRole);
        }
    }
    if authorizer.kind == "COGNITO_USER_POOLS" {
        if authorizer.provider_arns.is_empty() {
            return Err(Error::RequestInput);
        }
        let is_good = authorizer.provider_arns.iter().all(|provider| is_provider(provider));
        return if is_good { Ok(()) } else { Err(Error::Arn) };
    }
    let uri = authorizer.uri.as_deref().unwrap_or_default();
    if is_function(uri) { Ok(()) } else { Err(Error::AuthorizerUri(uri.to_owned())) }
}

/// One header for a token; any parameters of the request, commas between, for `REQUEST`, which may do without if nothing is cached.
fn check_source(authorizer: &AuthorizerDefinition) -> Result<(), Error> {
    let is_request = authorizer.kind == "REQUEST";
    let Some(source) = &authorizer.identity_source else {
        let may_be_absent = is_request && authorizer.ttl_seconds == Some(0);
        return if may_be_absent { Ok(()) } else { Err(Error::RequestInput) };
    };
    let known: &[&str] = if is_request {
        &["method.request.header.", "method.request.querystring.", "stageVariables.", "context."]
    } else {
        &["method.request.header."]
    };
    let fits =
        |one: &str| known.iter().any(|prefix| one.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
    let is_good = if is_request { source.split(',').map(str::trim).all(fits) } else { fits(source) };
    if is_good {
        Ok(())
    } else {
        Err(Error::Mapping(format!("Invalid mapping expression specified: {source}")))
    }
}

/// `arn:aws:apigateway:{region}:lambda:path/…/functions/{function}/invocations`; the function may be a stage variable.
fn is_function(uri: &str) -> bool {
    Arn::parse(uri).is_some_and(|arn| {
        let function = arn
            .resource
            .trim_start_matches("path/")
            .trim_start_matches('/')
            .strip_prefix("2015-03-31/functions/")
            .and_then(|rest| rest.strip_suffix("/invocations"));
        arn.service == "apigateway"
            && arn.account == "lambda"
            && is_region(&arn.region)
            && function.is_some_and(|function| !function.is_empty())
    })
}

/// Such as `eu-west-1`.
fn is_region(text: &str) -> bool {
    text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_provider(text: &str) -> bool {
    let issuer = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match issuer {
        Some(host) => !host.is_empty() && !host.starts_with('/'),
        None => Arn::parse(text)
            .is_some_and(|arn| arn.service == "cognito-idp" && arn.resource.starts_with("userpool/")),
    }
}
