//! Token buckets of stages and methods.
//!
//! AWS: Throttle requests to your REST APIs: a bucket holds up to `burst` tokens and gains `rate` a second; a request takes one or is
//! refused. A bucket starts full. Changing the limits starts a new bucket. Known difference: the account's own limit is not applied.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plan::Throttle;

use crate::Gateway;
use crate::exchange::Exchange;
use crate::limits::BUCKETS_MAX;
use crate::response::{GatewayResponse, Kind};

/// Lets a request in if its method's bucket has a token.
pub(crate) fn admit(gateway: &Gateway, exchange: &Exchange) -> Result<(), GatewayResponse> {
    let Some(throttle) = &exchange.method().throttle else { return Ok(()) };
    let stage = (exchange.plan.stage.api_id.as_str(), exchange.plan.stage.stage_name.as_str());
    match gateway.buckets.admit(stage, throttle, gateway.host.clock.monotonic()) {
        true => Ok(()),
        false => Err(Kind::Throttled.into()),
    }
}

/// All buckets, by API, stage and settings.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: Duration,
}

impl Buckets {
    /// Takes a token; false if there is none.
    pub(crate) fn admit(&self, stage: (&str, &str), throttle: &Throttle, now: Duration) -> bool {
        let name = format!("{}/{}/{}", stage.0, stage.1, throttle.bucket);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| bucket.tokens_at(now) < bucket.burst);
        }
        let fresh =
            || Bucket { rate: throttle.rate, burst: throttle.burst, tokens: throttle.burst, filled: now };
        let bucket = buckets.entry(name).or_insert_with(fresh);
        if bucket.rate != throttle.rate || bucket.burst != throttle.burst {
            *bucket = fresh();
        }
        bucket.tokens = bucket.tokens_at(now);
        bucket.filled = now.max(bucket.filled);
        let is_admitted = bucket.tokens >= 1.0;
        if is_admitted {
            bucket.tokens -= 1.0;
        }
        is_admitted
    }
}

impl Bucket {
    fn tokens_at(&self, now: Duration) -> f64 {
        let gained = now.saturating_sub(self.filled).as_secs_f64() * self.rate;
        (self.tokens + gained).min(self.burst)
    }
}

#[cfg(test)]
mod tests;
