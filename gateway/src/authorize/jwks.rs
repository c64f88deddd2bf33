//! The keys of token issuers, fetched when the first token needs them and kept for a while.
//!
//! One fetch for each issuer at a time: whoever comes meanwhile waits for it. A key that is not known makes the keys be fetched again, but
//! not more often than the limit says; keys that are there are kept when a later fetch fails. Time, size and number are bounded.
//!
//! Known difference from AWS: besides a user pool's own address the configuration may name another one, and an issuer that is no user
//! pool is asked for its address by OpenID Connect discovery.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::{BoxFuture, Shared};
use futures_util::{FutureExt, StreamExt};
use http::Request;
use http::header::{ACCEPT, HOST, HeaderValue, USER_AGENT};
use http_body_util::Full;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, PublicKeyUse};
use kernel::Clock;
use plan::Issuer;
use serde_json::Value;

use crate::Gateway;
use crate::backends::Backends;
use crate::limits::{
    ISSUER_BYTES_MAX, ISSUER_KEYS_AGE_MAX, ISSUER_KEYS_AGE_MIN, ISSUER_KEYS_MAX, ISSUER_TIME, ISSUERS_MAX,
};

/// Keys by their ids.
type Keys = HashMap<String, DecodingKey>;
type Fetch = Shared<BoxFuture<'static, Result<Arc<Keys>, Arc<str>>>>;

/// The keys of all issuers.
#[derive(Default)]
pub(crate) struct Issuers(Mutex<HashMap<String, Entry>>);

struct Entry {
    fetch: Fetch,
    started: Duration,
    /// What was good before.
    before: Option<Arc<Keys>>,
}

impl Issuers {
    /// An issuer's key of this id; `None` if it has none. The error says why its keys are not known.
    pub(crate) async fn key(
        &self,
        gateway: &Gateway,
        issuer: &Issuer,
        id: &str,
    ) -> Result<Option<DecodingKey>, Arc<str>> {
        let (fetch, started) = self.fetch(gateway, issuer, ISSUER_KEYS_AGE_MAX);
        let found = self.settle(issuer, fetch).await;
        if let Ok(keys) = &found
            && let Some(key) = keys.get(id)
        {
            return Ok(Some(key.clone()));
        }
        // It failed, or there is a newer key.
        let (fetch, again) = self.fetch(gateway, issuer, ISSUER_KEYS_AGE_MIN);
        if again == started {
            return found.map(|_| None);
        }
        self.settle(issuer, fetch).await.map(|keys| keys.get(id).cloned())
    }

    /// The fetch under way or done, unless it is older than that, then a new one; and when it began.
    fn fetch(&self, gateway: &Gateway, issuer: &Issuer, age_max: Duration) -> (Fetch, Duration) {
        let now = gateway.host.clock.monotonic();
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&issuer.url)
            && now.saturating_sub(entry.started) < age_max
        {
            return (entry.fetch.clone(), entry.started);
        }
        if entries.len() >= ISSUERS_MAX && !entries.contains_key(&issuer.url) {
            entries.clear();
        }
        let before = entries.remove(&issuer.url).and_then(|entry| match entry.fetch.peek() {
            Some(Ok(keys)) => Some(Arc::clone(keys)),
            _ => entry.before,
        });
        let given = gateway.settings.issuer_keys.get(&issuer.url).cloned();
        let (backends, clock) = (Arc::clone(&gateway.backends), Arc::clone(&gateway.host.clock));
        let fetch = fetch(backends, clock, issuer.clone(), given).boxed().shared();
        entries.insert(issuer.url.clone(), Entry { fetch: fetch.clone(), started: now, before });
        (fetch, now)
    }

    async fn settle(&self, issuer: &Issuer, fetch: Fetch) -> Result<Arc<Keys>, Arc<str>> {
        let fetched = fetch.await;
        let Err(why) = &fetched else { return fetched };
        tracing::warn!(issuer = issuer.url, why = &**why, "an issuer's keys could not be fetched");
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = entries.get(&issuer.url).and_then(|entry| entry.before.clone());
        before.map_or(fetched, Ok)
    }
}

async fn fetch(
    backends: Arc<Backends>,
    clock: Arc<dyn Clock>,
    issuer: Issuer,
    given: Option<String>,
) -> Result<Arc<Keys>, Arc<str>> {
    let get = async |url: &str| {
        let clock: &dyn Clock = &*clock;
        tokio::select! {
            answer = get(&backends, url) => answer.map_err(|why| Arc::from(format!("{url}: {why}"))),
            () = clock.sleep(ISSUER_TIME) => Err(Arc::from(format!("{url}: no answer in time"))),
        }
    };
    let own = format!("{}/.well-known/jwks.json", issuer.url);
    let url = match given {
        Some(url) => url,
        None if issuer.is_cognito => own,
        None => match get(&format!("{}/.well-known/openid-configuration", issuer.url)).await {
            Ok(found) => jwks_uri(&found, &issuer.url)?,
            Err(_) => own,
        },
    };
    read(&get(&url).await?).map(Arc::new)
}

/// OpenID Connect Discovery: the document names the issuer itself, and where its keys are.
fn jwks_uri(document: &[u8], issuer: &str) -> Result<String, Arc<str>> {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer").map(|named| named.trim_end_matches('/')) != Some(issuer) {
        return Err("the discovery document names another issuer".into());
    }
    text("jwks_uri").map(str::to_owned).ok_or_else(|| "the discovery document has no jwks_uri".into())
}

/// The RSA keys for signatures in a key set.
fn read(body: &[u8]) -> Result<Keys, Arc<str>> {
    let set: JwkSet =
        serde_json::from_slice(body).map_err(|error| Arc::from(format!("no key set: {error}")))?;
    let keys = set.keys.iter().take(ISSUER_KEYS_MAX).filter_map(|key| {
        let is_signing = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
        let AlgorithmParameters::RSA(_) = &key.algorithm else { return None };
        let id = key.common.key_id.clone().filter(|_| is_signing)?;
        Some((id, DecodingKey::from_jwk(key).ok()?))
    });
    Ok(keys.collect())
}

async fn get(backends: &Backends, url: &str) -> Result<Bytes, String> {
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = url.parse().map_err(|_| "no URL")?;
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let host = HeaderValue::try_from(authority).map_err(|_| "no host")?;
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("AmazonAPIGateway"));
    let response = backends.send(request).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status().as_u16()));
    }
    let mut body = response.into_body();
    let mut all = BytesMut::new();
    while let Some(part) = body.next().await {
        all.extend_from_slice(&part.map_err(|error| error.to_string())?);
        if all.len() > ISSUER_BYTES_MAX {
            return Err(format!("more than {ISSUER_BYTES_MAX} bytes"));
        }
    }
    Ok(all.freeze())
}

#[cfg(test)]
mod tests;
