//! The cache of a stage: answers of integrations, kept for their methods' time to live.
//!
//! AWS: Cache settings for REST APIs. Authorization, keys and validation of a request come before, at a hit too; the answer itself is the
//! same for every caller whose cache key is the same, *whoever that is*: an API whose answers depend on the caller must name the header
//! that tells callers apart among its cache key parameters, as on AWS. What API Gateway itself answers is never kept. An entry is at most
//! 1 MB; all of a stage's together are at most its cluster's size, in memory. A flush, another size and a restart begin anew.
//!
//! Known differences: the method response is kept, not the integration's (a mapping template is not rendered again at a hit); answers of
//! 500 and above are not kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::{CACHE_CONTROL, WARNING};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use kernel::Clock;
use kernel::exchange::OutBody;
use plan::{CacheRule, KeySource, Plan, Unauthorized};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::Gateway;
use crate::exchange::{CacheOutcome, Exchange};
use crate::limits::{CACHE_ENTRY_BYTES_MAX, CACHES_MAX};
use crate::response::{GatewayResponse, Kind};

mod invalidation;

/// What AWS tells a client whose `Cache-Control` it ignores.
const IGNORED: HeaderValue =
    HeaderValue::from_static("199 Cache-control headers were ignored because the caller was unauthorized.");
/// What an entry takes beside its bytes, in bytes.
const ENTRY_OVERHEAD: usize = 200;
/// Entries for which a new cache has room; it grows.
const ENTRIES: usize = 1024;

/// An answer that is kept.
struct Entry {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    bytes: usize,
    /// On the monotonic clock.
    expires: Duration,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Vec<u8>, Arc<Entry>> for ByBytes {
    fn weight(&self, key: &Vec<u8>, entry: &Arc<Entry>) -> u64 {
        (key.len() + entry.bytes) as u64
    }
}

/// The entries of a stage.
pub(crate) struct StageCache {
    entries: Cache<Vec<u8>, Arc<Entry>, ByBytes>,
    bytes: u64,
    epoch: u64,
}

/// All caches, by API and stage; canary releases that do not share their stage's have their own.
#[derive(Default)]
pub(crate) struct Caches(Mutex<HashMap<String, Arc<StageCache>>>);

impl Caches {
    /// The cache of a stage; a new one if it was flushed or resized. `None` if the stage has none.
    fn of(&self, plan: &Plan) -> Option<Arc<StageCache>> {
        let (bytes, stage) = (plan.cache_bytes?, &plan.stage);
        let is_apart = plan.is_canary && !stage.canary.as_ref().is_some_and(|canary| canary.uses_stage_cache);
        let name = format!("{} {}{}", stage.api_id, stage.stage_name, if is_apart { " canary" } else { "" });
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if caches.len() >= CACHES_MAX {
            caches.retain(|_, cache| Arc::strong_count(cache) > 1);
        }
        let epoch = stage.cache_epoch;
        let fresh = || {
            let entries = Cache::with_weighter(ENTRIES, bytes, ByBytes);
            Arc::new(StageCache { entries, bytes, epoch })
        };
        let cache = caches.entry(name).or_insert_with(fresh);
        if cache.bytes != bytes || cache.epoch != epoch {
            *cache = fresh();
        }
        Some(Arc::clone(cache))
    }
}

/// Where a request's answer is, or is to go.
pub(crate) struct Place {
    cache: Arc<StageCache>,
    key: Vec<u8>,
    ttl: Duration,
    /// The client hears that its wish for a fresh answer was ignored.
    warns: bool,
}

/// What the cache says of a request.
pub(crate) enum Found {
    /// The method is not cached.
    Nothing,
    /// The answer.
    Hit(Response<OutBody>),
    /// The integration must answer; what it says goes there.
    Miss(Place),
}

/// Looks a request up. The request is refused if it wants a fresh answer and may not.
pub(crate) async fn look_up(gateway: &Gateway, exchange: &mut Exchange) -> Result<Found, GatewayResponse> {
    let method = Arc::clone(exchange.method());
    let Some(rule) = &method.cache else { return Ok(Found::Nothing) };
    let plan = Arc::clone(&exchange.plan);
    let cache = plan.cache_beside.get(|| gateway.caches.of(&plan));
    let Some(cache) = cache else { return Ok(Found::Nothing) };
    let mut place = Place { cache: Arc::clone(cache), key: key(exchange, rule), ttl: rule.ttl, warns: false };
    let mut is_fresh_wanted = wants_fresh(&exchange.inbound.headers);
    if is_fresh_wanted && rule.needs_authorization && !invalidation::is_allowed(gateway, exchange).await {
        is_fresh_wanted = false;
        match rule.unauthorized {
            Unauthorized::Refuse => return Err(Kind::AccessDenied.into()),
            Unauthorized::Warn => place.warns = true,
            Unauthorized::Ignore => {}
        }
    }
    let now = gateway.host.clock.monotonic();
    let found = if is_fresh_wanted { None } else { place.cache.entries.get(&place.key) };
    match found.filter(|entry| entry.expires > now) {
        Some(entry) => {
            exchange.cache = CacheOutcome::Hit;
            exchange.trail.line(|| "Cache hit: the response is served from the stage's cache");
            Ok(Found::Hit(place.answer(exchange, &entry)))
        }
        None => {
            exchange.cache = CacheOutcome::Miss;
            Ok(Found::Miss(place))
        }
    }
}

/// True if the client asks for an answer that comes from the integration.
fn wants_fresh(headers: &HeaderMap) -> bool {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    directives
        .flat_map(|value| value.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("max-age=0"))
}

/// What tells a request's answer apart. Each part stands behind its length, so that no two requests make the same key by accident.
fn key(exchange: &Exchange, rule: &CacheRule) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    let mut part = |text: Option<&[u8]>| match text {
        None => key.push(0),
        Some(text) => {
            key.push(1);
            key.extend_from_slice(&(text.len() as u64).to_le_bytes());
            key.extend_from_slice(text);
        }
    };
    part(Some(rule.namespace.as_bytes()));
    part(Some(exchange.inbound.method.as_str().as_bytes()));
    if rule.varies_by_accept {
        part(exchange.inbound.headers.get(http::header::ACCEPT).map(HeaderValue::as_bytes));
    }
    for source in &rule.keys {
        match source {
            KeySource::Path(name) => part(exchange.parameter(name).map(str::as_bytes)),
            KeySource::Header(name) => {
                exchange.inbound.headers.get_all(name).iter().for_each(|value| part(Some(value.as_bytes())));
                part(None);
            }
            KeySource::Query(name) => {
                let pairs = exchange.query.pairs().iter().filter(|(known, _)| known == name);
                pairs.for_each(|(_, value)| part(Some(value.as_bytes())));
                part(None);
            }
        }
    }
    key
}

impl Place {
    fn answer(&self, exchange: &Exchange, entry: &Entry) -> Response<OutBody> {
        let mut response = Response::new(OutBody::Full(entry.body.clone()));
        *response.status_mut() = entry.status;
        *response.headers_mut() = entry.headers.clone();
        // The trace is this request's, not that of the one that filled the cache.
        if let Some(trace) = response.headers_mut().get_mut("x-amzn-trace-id")
            && let Ok(own) = HeaderValue::from_str(&exchange.ids.trace)
        {
            *trace = own;
        }
        self.warn(&mut response);
        response
    }

    fn warn(&self, response: &mut Response<OutBody>) {
        if self.warns {
            response.headers_mut().append(WARNING, IGNORED);
        }
    }

    /// Keeps an integration's answer, a streamed one when its last byte has come, and passes it on.
    pub(crate) fn keep(self, clock: &Arc<dyn Clock>, response: Response<OutBody>) -> Response<OutBody> {
        let (parts, body) = response.into_parts();
        let head = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        let kept = (parts.status.as_u16() < 500).then(|| (parts.status, parts.headers.clone()));
        let (cache, ttl, key) = (Arc::clone(&self.cache), self.ttl, self.key.clone());
        let clock = Arc::clone(clock);
        let store = move |(status, headers): (StatusCode, HeaderMap), body: Bytes| {
            if head + body.len() <= CACHE_ENTRY_BYTES_MAX {
                let bytes = head + body.len() + ENTRY_OVERHEAD;
                let expires = clock.monotonic() + ttl;
                cache.entries.insert(key, Arc::new(Entry { status, headers, body, bytes, expires }));
            }
        };
        let body = match (body, kept) {
            (body, None) => body,
            (OutBody::Full(bytes), Some(kept)) => {
                store(kept, Bytes::clone(&bytes));
                OutBody::Full(bytes)
            }
            (OutBody::Stream(stream), Some(kept)) => {
                let mut gathered = Some((BytesMut::new(), kept, store));
                let passed = stream.map(Some).chain(futures_util::stream::once(async { None }));
                let passed = passed.filter_map(move |part| {
                    match &part {
                        Some(Ok(bytes)) => match &mut gathered {
                            Some((all, ..)) if all.len() + bytes.len() <= CACHE_ENTRY_BYTES_MAX => {
                                all.extend_from_slice(bytes);
                            }
                            _ => gathered = None,
                        },
                        Some(Err(_)) => gathered = None,
                        None => {
                            if let Some((all, kept, store)) = gathered.take() {
                                store(kept, all.freeze());
                            }
                        }
                    }
                    std::future::ready(part)
                });
                OutBody::Stream(passed.boxed())
            }
        };
        let mut response = Response::from_parts(parts, body);
        self.warn(&mut response);
        response
    }
}

#[cfg(test)]
mod tests;
