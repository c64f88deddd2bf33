//! What protects a method, with everything worked out that does not depend on a request: the authorizer, where it finds the client's
//! identity, what that must look like, and the API's own policy.
//!
//! What cannot work is [`Protection::Broken`] with the reason, and lets nobody in. Short resources of an API's policy
//! (`execute-api:/stage/GET/path`) are completed here.
//!
//! AWS: API Gateway Lambda authorizers; Control access to REST APIs using Amazon Cognito user pools; API Gateway resource policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use fancy_regex::Regex;
use policy::{Kind, Policy};
use serde_json::Value;

use crate::definition::{ApiDefinition, AuthorizerDefinition, MethodDefinition, PublishedStage};
use crate::template::fill_stage_variables;

/// How long an answer is remembered unless the authorizer says otherwise, in seconds.
const TTL_S_DEFAULT: i64 = 300;
/// Longest, in seconds.
const TTL_S_MAX: i64 = 3600;
/// Most identity sources of one authorizer.
const SOURCES_MAX: usize = 32;

/// Who may call a method.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Everybody, as far as the API's policy lets them.
    Open,
    /// Whom IAM lets: `AWS_IAM`.
    Iam,
    /// Whom an authorizer lets.
    Authorizer(Arc<Authorizer>),
    /// Nobody, because the definition cannot work; the text says why.
    Broken(String),
}

/// An authorizer of a stage.
#[derive(Debug)]
pub struct Authorizer {
    /// Six lower-case letters and digits.
    pub id: String,
    /// What an answer is remembered under, beside the client's identity: changes whenever the authorizer, the stage's variables in it or
    /// its flush count change.
    pub generation: String,
    /// How long an answer is remembered, in seconds; 0: not at all.
    pub ttl_s: u32,
    /// What it asks.
    pub asks: Asks,
}

/// What an authorizer asks.
#[derive(Debug)]
pub enum Asks {
    /// `TOKEN`: a function, about one header.
    Token {
        /// The header, in lower case.
        header: String,
        /// What must be found in the header's value.
        expression: Option<Regex>,
        /// The function.
        function: AuthorizerFunction,
    },
    /// `REQUEST`: a function, about the request.
    Request {
        /// What must be there, and what an answer is remembered by.
        sources: Vec<IdentitySource>,
        /// The function.
        function: AuthorizerFunction,
    },
    /// `COGNITO_USER_POOLS`: the issuer's keys, about a token.
    Jwt {
        /// The header with the token, in lower case.
        header: String,
        /// What must be found in the token's audience.
        expression: Option<Regex>,
        /// Whose tokens are good.
        issuers: Vec<Issuer>,
    },
}

/// A function that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizerFunction {
    /// Its ARN, with its qualifier; stage variables filled in.
    pub arn: String,
    /// Role to call it with, if not by the function's own policy.
    pub credentials: Option<String>,
}

/// A part of a request that tells who the client is.
#[derive(Clone, Debug, PartialEq)]
pub enum IdentitySource {
    /// `method.request.header.NAME`, as written.
    Header(String),
    /// `method.request.querystring.NAME`.
    Query(String),
    /// `stageVariables.NAME`: the value, which is the stage's.
    StageVariable(String, Option<String>),
    /// `context.NAME`.
    Context(String),
}

/// Whose tokens are good.
#[derive(Clone, Debug, PartialEq)]
pub struct Issuer {
    /// The token's `iss`.
    pub url: String,
    /// True for a Cognito user pool: its tokens say what they are for.
    pub is_cognito: bool,
}

/// An API's own policy.
#[derive(Debug)]
pub enum ApiPolicy {
    /// There is none.
    None,
    /// Compiled.
    Policy(Box<Policy>),
    /// It cannot be read; the text says why. Nobody is let in.
    Broken(String),
}

impl Protection {
    /// Works out what protects a method; `authorizers` are the API's, compiled for the stage.
    pub fn compile(
        method: &MethodDefinition,
        authorizers: &BTreeMap<String, Result<Arc<Authorizer>, String>>,
    ) -> Protection {
        let kind = method.authorization_type.as_str();
        match kind {
            "NONE" | "" => return Protection::Open,
            "AWS_IAM" => return Protection::Iam,
            _ => {}
        }
        let id = method.authorizer_id.as_deref().unwrap_or_default();
        match authorizers.get(id) {
            None => Protection::Broken(format!("the API has no authorizer {id}")),
            Some(Err(why)) => Protection::Broken(why.clone()),
            Some(Ok(authorizer)) => match (kind, &authorizer.asks) {
                ("CUSTOM", Asks::Token { .. } | Asks::Request { .. })
                | ("COGNITO_USER_POOLS", Asks::Jwt { .. }) => Protection::Authorizer(Arc::clone(authorizer)),
                _ => Protection::Broken(format!(
                    "the authorizer {id} does not fit the method's authorization type {kind}"
                )),
            },
        }
    }
}

impl Authorizer {
    /// Works out an authorizer for a stage; the error says why it cannot work.
    pub fn compile(definition: &AuthorizerDefinition, stage: &PublishedStage) -> Result<Authorizer, String> {
        let source = definition.identity_source.as_deref().unwrap_or_default();
        let function = || function(definition, &stage.variables);
        let asks = match definition.kind.as_str() {
            "TOKEN" => Asks::Token {
                header: token_header(source)?,
                expression: expression(definition)?,
                function: function()?,
            },
            "REQUEST" => Asks::Request { sources: sources(source, &stage.variables)?, function: function()? },
            "COGNITO_USER_POOLS" => Asks::Jwt {
                header: token_header(source)?,
                expression: expression(definition)?,
                issuers: definition
                    .provider_arns
                    .iter()
                    .map(|arn| Issuer::parse(arn))
                    .collect::<Result<_, _>>()?,
            },
            other => return Err(format!("there is no authorizer of type {other}")),
        };
        let ttl_s = definition.ttl_seconds.unwrap_or(TTL_S_DEFAULT).clamp(0, TTL_S_MAX) as u32;
        let asked = serde_json::to_string(definition).unwrap_or_default();
        let filled = definition.uri.as_deref().map(|uri| fill_stage_variables(uri, &stage.variables));
        let generation = format!(
            "{}/{}/{}/{asked}{}",
            stage.api_id,
            stage.stage_name,
            stage.authorizer_epoch,
            filled.unwrap_or_default()
        );
        Ok(Authorizer { id: definition.id.clone(), generation, ttl_s, asks })
    }
}

impl Issuer {
    /// The issuer that an ARN of a user pool names, or an issuer's own URL.
    pub fn parse(provider: &str) -> Result<Issuer, String> {
        if provider.starts_with("https://") || provider.starts_with("http://") {
            let url = provider.trim_end_matches('/').to_owned();
            let is_cognito = url.contains("://cognito-idp.");
            return Ok(Issuer { url, is_cognito });
        }
        let pieces: Vec<&str> = provider.splitn(6, ':').collect();
        match pieces.as_slice() {
            ["arn", partition, "cognito-idp", region, _, resource] => {
                let pool = resource
                    .strip_prefix("userpool/")
                    .filter(|pool| !pool.is_empty())
                    .ok_or_else(|| format!("no user pool is named in {provider}"))?;
                let suffix = if *partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
                Ok(Issuer { url: format!("https://cognito-idp.{region}.{suffix}/{pool}"), is_cognito: true })
            }
            _ => Err(format!("{provider} is neither the ARN of a user pool nor the URL of an issuer")),
        }
    }
}

impl ApiPolicy {
    /// Works out the policy of an API.
    pub fn compile(api: &ApiDefinition) -> ApiPolicy {
        let Some(document) = api.policy.as_deref().filter(|document| !document.trim().is_empty()) else {
            return ApiPolicy::None;
        };
        let completed = match serde_json::from_str::<Value>(document) {
            Ok(mut value) => {
                complete(&mut value, api);
                value.to_string()
            }
            Err(error) => return ApiPolicy::Broken(error.to_string()),
        };
        match Policy::parse(&completed, Kind::Resource) {
            Ok(policy) => ApiPolicy::Policy(Box::new(policy)),
            Err(error) => ApiPolicy::Broken(error.to_string()),
        }
    }
}

/// AWS: `execute-api:/stage/METHOD/path` stands for the ARN of this API.
fn complete(document: &mut Value, api: &ApiDefinition) {
    let full = |text: &str| {
        let rest = text.strip_prefix("execute-api:/")?;
        Some(format!("arn:aws:execute-api:{}:{}:{}/{rest}", api.region, api.account, api.id))
    };
    let Some(statements) = document.get_mut("Statement") else { return };
    let statements = match statements {
        Value::Array(list) => list.iter_mut().collect(),
        single => vec![single],
    };
    for statement in statements {
        for name in ["Resource", "NotResource"] {
            let resources = match statement.get_mut(name) {
                Some(Value::Array(list)) => list.iter_mut().collect(),
                Some(single) => vec![single],
                None => continue,
            };
            for resource in resources {
                if let Some(text) = resource.as_str().and_then(full) {
                    *resource = Value::String(text);
                }
            }
        }
    }
}

fn function(
    definition: &AuthorizerDefinition,
    variables: &BTreeMap<String, String>,
) -> Result<AuthorizerFunction, String> {
    let uri = fill_stage_variables(definition.uri.as_deref().unwrap_or_default(), variables);
    let arn = uri
        .split_once("/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"))
        .filter(|function| function.starts_with("arn:"));
    let arn = arn.ok_or_else(|| format!("no function is named in the authorizer URI {uri}"))?.to_owned();
    Ok(AuthorizerFunction { arn, credentials: definition.credentials.clone() })
}

/// AWS: `method.request.header.Authorization` unless the authorizer says otherwise (its console's default).
fn token_header(source: &str) -> Result<String, String> {
    match source.trim() {
        "" => Ok("authorization".to_owned()),
        source => source
            .strip_prefix("method.request.header.")
            .map(str::to_ascii_lowercase)
            .ok_or_else(|| format!("the identity source {source} is no header")),
    }
}

fn sources(text: &str, variables: &BTreeMap<String, String>) -> Result<Vec<IdentitySource>, String> {
    let named = text.split(',').map(str::trim).filter(|source| !source.is_empty());
    let sources: Vec<IdentitySource> = named
        .map(|source| {
            let after = |prefix: &str| source.strip_prefix(prefix).map(str::to_owned);
            if let Some(name) = after("method.request.header.") {
                Ok(IdentitySource::Header(name))
            } else if let Some(name) = after("method.request.querystring.") {
                Ok(IdentitySource::Query(name))
            } else if let Some(name) = after("stageVariables.") {
                let value = variables.get(&name).cloned();
                Ok(IdentitySource::StageVariable(name, value))
            } else if let Some(name) = after("context.") {
                Ok(IdentitySource::Context(name))
            } else {
                Err(format!("{source} is no identity source"))
            }
        })
        .collect::<Result<_, String>>()?;
    if sources.len() > SOURCES_MAX {
        return Err(format!("an authorizer has at most {SOURCES_MAX} identity sources"));
    }
    Ok(sources)
}

impl IdentitySource {
    /// As it is written in a definition.
    pub fn name(&self) -> String {
        match self {
            IdentitySource::Header(name) => format!("method.request.header.{name}"),
            IdentitySource::Query(name) => format!("method.request.querystring.{name}"),
            IdentitySource::StageVariable(name, _) => format!("stageVariables.{name}"),
            IdentitySource::Context(name) => format!("context.{name}"),
        }
    }
}

fn expression(definition: &AuthorizerDefinition) -> Result<Option<Regex>, String> {
    let text = definition.identity_validation_expression.as_deref().unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    Regex::new(text).map(Some).map_err(|error| format!("identityValidationExpression: {error}"))
}

#[cfg(test)]
mod tests;
