//! From a published stage and its deployment's snapshot to a plan that requests are served from.

use std::sync::Arc;

use crate::access_log::AccessLog;
use crate::authorizer::{ApiPolicy, Authorizer, Protection};
use crate::beside::Beside;
use crate::cache::{self, CacheRule};
use crate::definition::{
    ApiDefinition, CanaryDefinition, MethodDefinition, MethodSettings, PublishedDeployment, PublishedStage,
    ResourceDefinition,
};
use crate::gateway_response::GatewayResponses;
use crate::integration::Integration;
use crate::media::MediaTypes;
use crate::router::Router;
use crate::validator::{Validation, Validations};

/// A stage, ready to serve.
#[derive(Debug)]
pub struct Plan {
    /// The stage.
    pub stage: PublishedStage,
    /// Its stage variables as the JSON that events carry: `null` without any.
    pub variables_json: String,
    /// Media types whose bodies are binary.
    pub binary: MediaTypes,
    /// Methods by path.
    pub router: Router<Arc<Method>>,
    /// The API, without its resources.
    pub api: ApiDefinition,
    /// The API's own policy.
    pub policy: ApiPolicy,
    /// True for the plan of a canary release.
    pub is_canary: bool,
    /// The API's own gateway responses.
    pub gateway_responses: GatewayResponses,
    /// Bytes of the stage's cache; `None` without one.
    pub cache_bytes: Option<u64>,
    /// For the data plane: the account's limit.
    pub beside: Beside,
    /// For the data plane: the stage's cache.
    pub cache_beside: Beside,
    /// For the data plane: what measures the stage.
    pub meter: Beside,
    /// The stage's access log.
    pub access_log: Option<AccessLog>,
}

/// One method of one resource.
#[derive(Debug)]
pub struct Method {
    /// Resource id.
    pub resource_id: String,
    /// Resource's path, such as `/users/{id}`.
    pub resource_path: String,
    /// HTTP method or `ANY`.
    pub http_method: String,
    /// As defined.
    pub definition: MethodDefinition,
    /// Who may call it.
    pub protection: Protection,
    /// What answers.
    pub integration: Integration,
    /// How long it may take, in milliseconds.
    pub timeout_ms: u64,
    /// The stage's settings for it: its own, and those of `*/*` where it has none.
    pub settings: MethodSettings,
    /// Rate and burst, if the stage limits this method.
    pub throttle: Option<Throttle>,
    /// What is checked of a request; `None` if nothing.
    pub validation: Option<Validation>,
    /// How it is cached; `None` if it is not.
    pub cache: Option<CacheRule>,
    /// For the data plane: the method's limit.
    pub beside: Beside,
    /// For the data plane: what measures the method.
    pub meter: Beside,
}

/// A token bucket's measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Throttle {
    /// Which bucket: the settings' own name, such as `*/*` or `/users/GET`, so that methods without settings of their own share one.
    pub bucket: String,
    /// Requests per second.
    pub rate: f64,
    /// Most requests at once.
    pub burst: f64,
}

impl Plan {
    /// Works out the plan of a stage.
    pub fn compile(stage: PublishedStage, deployment: PublishedDeployment) -> Plan {
        let mut api = deployment.api;
        let authorizers = api
            .authorizers
            .iter()
            .map(|(id, definition)| (id.clone(), Authorizer::compile(definition, &stage).map(Arc::new)))
            .collect();
        let mut router = Router::default();
        let resources = std::mem::take(&mut api.resources);
        let mut validations = Validations::new(&api);
        for resource in &resources {
            for (http_method, definition) in &resource.methods {
                let protection = Protection::compile(definition, &authorizers);
                let mut method = compile_method(&stage, resource, (http_method, definition), protection);
                method.validation = validations.of(definition);
                let named = (resource.id.as_str(), resource.path.as_str(), http_method.as_str());
                method.cache = cache::rule(&stage, &api, named, definition, &method.settings);
                router.add(&resource.path, http_method, Arc::new(method));
            }
        }
        let variables_json = match stage.variables.is_empty() {
            true => "null".to_owned(),
            false => serde_json::to_string(&stage.variables).expect("a map of strings is JSON"),
        };
        let binary = MediaTypes::new(&api.binary_media_types);
        let access_log = stage.access_log.as_ref();
        let access_log = access_log.and_then(|(arn, format)| AccessLog::compile(arn, format));
        let gateway_responses = GatewayResponses::compile(&api.gateway_responses, &stage.variables);
        let policy = ApiPolicy::compile(&api);
        Plan {
            binary,
            cache_bytes: cache::bytes(&stage),
            stage,
            variables_json,
            router,
            api,
            policy,
            is_canary: false,
            gateway_responses,
            access_log,
            beside: Beside::default(),
            cache_beside: Beside::default(),
            meter: Beside::default(),
        }
    }

    /// Works out the plan of a stage's canary release: the stage with the canary's deployment, and with its variables over the stage's.
    pub fn compile_canary(
        mut stage: PublishedStage,
        canary: &CanaryDefinition,
        deployment: PublishedDeployment,
    ) -> Plan {
        stage.deployment_id.clone_from(&canary.deployment_id);
        stage.variables.extend(canary.variables.clone());
        Plan { is_canary: true, ..Plan::compile(stage, deployment) }
    }
}

fn compile_method(
    stage: &PublishedStage,
    resource: &ResourceDefinition,
    (http_method, definition): (&str, &MethodDefinition),
    protection: Protection,
) -> Method {
    let integration = match &definition.integration {
        Some(integration) => Integration::compile(definition, integration, &stage.variables),
        None => Integration::Broken("the method has no integration".to_owned()),
    };
    Method {
        resource_id: resource.id.clone(),
        resource_path: resource.path.clone(),
        http_method: http_method.to_owned(),
        definition: definition.clone(),
        protection,
        integration,
        timeout_ms: definition.integration.as_ref().map_or(0, |integration| integration.timeout_ms),
        settings: settings(stage, &resource.path, http_method),
        throttle: throttle(stage, &resource.path, http_method),
        validation: None,
        cache: None,
        beside: Beside::default(),
        meter: Beside::default(),
    }
}

/// The method's own settings, completed by the stage's `*/*`.
fn settings(stage: &PublishedStage, path: &str, http_method: &str) -> MethodSettings {
    let named = |name: &str| stage.method_settings.get(name).cloned().unwrap_or_default();
    let (own, all) = (named(&format!("{path}/{http_method}")), named("*/*"));
    MethodSettings {
        throttling_rate_limit: own.throttling_rate_limit.or(all.throttling_rate_limit),
        throttling_burst_limit: own.throttling_burst_limit.or(all.throttling_burst_limit),
        logging_level: own.logging_level.or(all.logging_level),
        data_trace_enabled: own.data_trace_enabled.or(all.data_trace_enabled),
        metrics_enabled: own.metrics_enabled.or(all.metrics_enabled),
        caching_enabled: own.caching_enabled.or(all.caching_enabled),
        cache_ttl_seconds: own.cache_ttl_seconds.or(all.cache_ttl_seconds),
        cache_data_encrypted: own.cache_data_encrypted.or(all.cache_data_encrypted),
        require_authorization_for_cache_control: own
            .require_authorization_for_cache_control
            .or(all.require_authorization_for_cache_control),
        unauthorized_cache_control_header_strategy: own
            .unauthorized_cache_control_header_strategy
            .or(all.unauthorized_cache_control_header_strategy),
    }
}

/// The method's own settings go before the stage's `*/*`.
fn throttle(stage: &PublishedStage, path: &str, http_method: &str) -> Option<Throttle> {
    let own = format!("{path}/{http_method}");
    let limits = |name: &str, settings: &MethodSettings| {
        let rate = settings.throttling_rate_limit?;
        let burst = settings.throttling_burst_limit? as f64;
        (rate >= 0.0 && burst >= 0.0).then(|| Throttle { bucket: name.to_owned(), rate, burst })
    };
    let settings = |name: &str| stage.method_settings.get(name).and_then(|settings| limits(name, settings));
    settings(&own).or_else(|| settings("*/*"))
}

#[cfg(test)]
mod tests;
