//! Admission: the API key, the usage plan behind it, its quota, and every throttle, in the order in which AWS applies them.
//!
//! AWS: Throttle requests to your REST APIs: first the client's limits in its usage plan, then the method's in the stage, then the account's;
//! a request that one of them refuses takes nothing of the others and counts for no quota. AWS: Choose an API key source: the key is the
//! header `X-API-Key`, or what a Lambda authorizer names; a method that asks for no key takes no notice of one.
//!
//! A key is looked up by its value once and kept until a watch tells that it, or a usage plan, changed. Values are found by hash and then
//! compared whole, so that no answer's time tells how near a guess came.

mod client;

use std::sync::Arc;

use kernel::Host;
use kernel::error::chain;

use crate::Gateway;
use crate::exchange::Exchange;
use crate::limits::KEY_BYTES_MAX;
use crate::response::{GatewayResponse, Kind};
use crate::throttle::Bucket;

pub(crate) use client::{Client, Keys};

/// Lets a request in, or refuses it with 403 or 429.
pub(crate) async fn admit(gateway: &Gateway, exchange: &mut Exchange) -> Result<(), GatewayResponse> {
    let method = Arc::clone(exchange.method());
    let key = method.definition.api_key_required.then(|| key_of(exchange));
    note(exchange, key.as_ref().map(|key| key.as_deref().unwrap_or_default()));
    let client = match &key {
        None => None,
        Some(key) => Some(client(gateway, exchange, key.as_deref()).await?),
    };
    let now = gateway.host.clock.monotonic();
    let plan = Arc::clone(&exchange.plan);
    let account = plan.beside.get(|| gateway.buckets.of_account(&plan, gateway.settings.throttle, now));
    let of_client = client.as_deref().map(|client| client.buckets(&method)).unwrap_or_default();
    let limits =
        [of_client.0, of_client.1, gateway.buckets.of_method(&plan, &method, now), account.as_deref()];
    if let Some(at) = limits.iter().position(|bucket| bucket.is_some_and(|bucket| !bucket.admit(now))) {
        limits[..at].iter().flatten().for_each(|bucket| bucket.give_back());
        if let Some(bucket) = limits[at] {
            note_throttled(exchange, bucket);
        }
        return Err(Kind::Throttled.into());
    }
    match &client {
        None => note_no_key(exchange),
        Some(client) => {
            if !has_quota(gateway, client).await {
                limits.iter().flatten().for_each(|bucket| bucket.give_back());
                note_quota(exchange, client);
                return Err(Kind::QuotaExceeded.into());
            }
            let key = key.flatten().unwrap_or_default();
            note_admitted(exchange, &masked(&key));
            exchange.identity.api_key = Some(key);
            exchange.identity.api_key_id = Some(client.key_id.clone());
        }
    }
    Ok(())
}

/// The key that came with the request, or that its authorizer named.
fn key_of(exchange: &Exchange) -> Option<String> {
    let key = match exchange.plan.api.api_key_source.as_str() {
        "AUTHORIZER" => exchange.authorizer.as_ref()?.usage_identifier_key.as_deref(),
        _ => exchange.header("x-api-key"),
    };
    key.filter(|key| !key.is_empty()).map(str::to_owned)
}

/// Whom the key stands for at this stage.
async fn client(
    gateway: &Gateway,
    exchange: &mut Exchange,
    key: Option<&str>,
) -> Result<Arc<Client>, GatewayResponse> {
    let found = match key.filter(|key| key.len() <= KEY_BYTES_MAX) {
        None => None,
        Some(value) => {
            let found = gateway.keys.find(gateway, &exchange.plan.stage, value).await;
            found.map_err(|fault| {
                tracing::error!(
                    api = exchange.plan.stage.api_id,
                    error = chain(&fault),
                    "an API key could not be read"
                );
                Kind::ApiConfigurationError
            })?
        }
    };
    found.ok_or_else(|| {
        let method = exchange.method();
        let (verb, path) = (method.http_method.clone(), method.resource_path.clone());
        let (stage, key) = (stage_name(exchange), masked(key.unwrap_or_default()));
        exchange.trail.error(|| {
            format!(
                "API Key {key} not authorized because method '{verb} {path}' requires API Key and API Key is not associated with a Usage Plan for API Stage {stage}: No Usage Plan found for key and API Stage"
            )
        });
        Kind::InvalidApiKey.into()
    })
}

/// Counts the request. AWS: when a usage plan cannot be checked, the request is served, and the log tells.
async fn has_quota(gateway: &Gateway, client: &Client) -> bool {
    let host: &Host = &gateway.host;
    gateway.usage.take(host, &client.ledger).await.unwrap_or_else(|fault| {
        tracing::error!(
            key = client.key_id,
            error = chain(&fault),
            "Usage Plan check failed due to an internal error"
        );
        true
    })
}

/// A key as logs show it: its last six characters. AWS shows as many of keys of forty characters; of short ones, ours are fewer.
fn masked(key: &str) -> String {
    let length = key.chars().count();
    let hidden = length - 6.min(length / 4);
    key.chars().enumerate().map(|(at, letter)| if at < hidden { '*' } else { letter }).collect()
}

fn stage_name(exchange: &Exchange) -> String {
    format!("{}/{}", exchange.plan.stage.api_id, exchange.plan.stage.stage_name)
}

fn note(exchange: &mut Exchange, key: Option<&str>) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.line(|| {
        let (id, key) = (&exchange.inbound.request_id, masked(key.unwrap_or_default()));
        format!("Verifying Usage Plan for request: {id}. API Key: {key} API Stage: {}", stage_name(exchange))
    });
    exchange.trail = trail;
}

fn note_no_key(exchange: &mut Exchange) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.line(|| {
        let method = exchange.method();
        format!(
            "API Key  authorized because method '{} {}' does not require API Key. Request will not contribute to throttle or quota limits",
            method.http_method, method.resource_path
        )
    });
    exchange.trail = trail;
    note_admitted(exchange, "");
}

fn note_admitted(exchange: &mut Exchange, key: &str) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.line(|| {
        format!("Usage Plan check succeeded for API Key {key} and API Stage {}", stage_name(exchange))
    });
    exchange.trail = trail;
}

fn note_throttled(exchange: &mut Exchange, bucket: &Bucket) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.error(|| {
        let (stage, method) = (&exchange.plan.stage, exchange.method());
        format!(
            "Key throttle limit exceeded for RestApi {}, Stage {}, Resource {}, HttpMethod {}. Limit: {:.2} Burst: {}",
            stage.api_id, stage.stage_name, method.resource_id, method.http_method, bucket.rate, bucket.burst
        )
    });
    exchange.trail = trail;
}

fn note_quota(exchange: &mut Exchange, client: &Client) {
    let mut trail = std::mem::take(&mut exchange.trail);
    trail.error(|| {
        let stage = &exchange.plan.stage;
        format!(
            "Key quota limit exceeded for RestApi {}, Stage {}, Usage Plan {}. Limit: {}",
            stage.api_id, stage.stage_name, client.plan_id, client.quota_limit
        )
    });
    exchange.trail = trail;
}

#[cfg(test)]
mod tests;
