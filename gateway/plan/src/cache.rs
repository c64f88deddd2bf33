//! Which methods of a stage are cached, for how long, and what tells their answers apart.
//!
//! AWS: Cache settings for REST APIs: with a cache cluster `GET` methods are cached unless the settings say otherwise, other methods only
//! where their own settings say so; `*/*` does not reach them. Answers differ by the integration's cache key parameters and by nothing
//! else of the request, its caller included. One exception of ours: where answers differ by what the client accepts, so do their keys.

use std::time::Duration;

use crate::definition::{
    ApiDefinition, IntegrationDefinition, MethodDefinition, MethodSettings, PublishedStage,
};

/// How long answers are kept if nothing else is said (AWS: 300 seconds).
const TTL_DEFAULT_S: i64 = 300;
/// How long at most (AWS: 3,600 seconds).
const TTL_MAX_S: i64 = 3600;

/// How a method is cached.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheRule {
    /// How long an answer is kept.
    pub ttl: Duration,
    /// What methods share that share answers: the resource's id, unless the integration names something else.
    pub namespace: String,
    /// What of a request tells its answer apart.
    pub keys: Vec<KeySource>,
    /// True if answers differ by the request's `Accept`.
    pub varies_by_accept: bool,
    /// `Cache-Control: max-age=0` needs a permission.
    pub needs_authorization: bool,
    /// What becomes of who lacks it.
    pub unauthorized: Unauthorized,
}

/// A part of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum KeySource {
    /// A header, in lower case.
    Header(String),
    /// A query parameter.
    Query(String),
    /// A path parameter.
    Path(String),
}

/// `unauthorizedCacheControlHeaderStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    /// `FAIL_WITH_403`
    Refuse,
    /// `SUCCEED_WITH_RESPONSE_HEADER`
    Warn,
    /// `SUCCEED_WITHOUT_RESPONSE_HEADER`
    Ignore,
}

/// Bytes of a stage's cache; `None` without one.
pub(crate) fn bytes(stage: &PublishedStage) -> Option<u64> {
    let gigabytes: f64 = stage.cache_cluster_size.as_deref()?.parse().ok()?;
    (gigabytes > 0.0 && gigabytes.is_finite()).then(|| (gigabytes * f64::from(1 << 30)) as u64)
}

/// How a method is cached; `None` if it is not.
pub(crate) fn rule(
    stage: &PublishedStage,
    api: &ApiDefinition,
    (resource_id, path, http_method): (&str, &str, &str),
    definition: &MethodDefinition,
    settings: &MethodSettings,
) -> Option<CacheRule> {
    bytes(stage)?;
    let integration = definition.integration.as_ref()?;
    let own = stage.method_settings.get(&format!("{path}/{http_method}")).and_then(|own| own.caching_enabled);
    let is_cached = own.unwrap_or(http_method == "GET" && settings.caching_enabled != Some(false));
    let ttl = settings.cache_ttl_seconds.unwrap_or(TTL_DEFAULT_S).min(TTL_MAX_S);
    let ttl = u64::try_from(ttl).ok().filter(|ttl| is_cached && *ttl > 0)?;
    let namespace = integration.cache_namespace.clone().filter(|name| !name.is_empty());
    let keys = integration.cache_key_parameters.iter().filter_map(|name| source(integration, name));
    let many_templates =
        |rule: &crate::definition::IntegrationResponseDefinition| rule.response_templates.len() > 1;
    Some(CacheRule {
        ttl: Duration::from_secs(ttl),
        namespace: namespace.unwrap_or_else(|| resource_id.to_owned()),
        keys: keys.collect(),
        varies_by_accept: !api.binary_media_types.is_empty()
            || integration.responses.values().any(many_templates),
        // Recorded on AWS: the defaults of a stage.
        needs_authorization: settings.require_authorization_for_cache_control.unwrap_or(true),
        unauthorized: match settings.unauthorized_cache_control_header_strategy.as_deref() {
            Some("FAIL_WITH_403") => Unauthorized::Refuse,
            Some("SUCCEED_WITHOUT_RESPONSE_HEADER") => Unauthorized::Ignore,
            _ => Unauthorized::Warn,
        },
    })
}

/// What a cache key parameter stands for: `method.request.{header|querystring|path}.NAME`, or an integration's parameter that is mapped
/// from one of these.
fn source(integration: &IntegrationDefinition, name: &str) -> Option<KeySource> {
    let of_method = match name.strip_prefix("method.request.") {
        Some(of_method) => of_method,
        None => integration.request_parameters.get(name)?.strip_prefix("method.request.")?,
    };
    let (place, name) = of_method.split_once('.')?;
    match place {
        "header" | "multivalueheader" => Some(KeySource::Header(name.to_ascii_lowercase())),
        "querystring" | "multivaluequerystring" => Some(KeySource::Query(name.to_owned())),
        "path" => Some(KeySource::Path(name.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
