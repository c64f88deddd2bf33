//! Token buckets, and the limits of account, stage and method that they keep.
//!
//! AWS: Throttle requests to your REST APIs: a bucket holds up to `burst` tokens and gains `rate` a second; a request takes one or is
//! refused. A bucket starts full. Changed limits start a new bucket; deploying anew does not. A bucket is one atomic number, the moment at
//! which it will be full again, so that any number of threads share it without a lock and never gain a token by it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::exchange::AccountThrottle;
use plan::{Method, Plan};

use crate::limits::BUCKETS_MAX;

/// A token bucket. Its time is that of the monotonic clock.
#[derive(Debug)]
pub(crate) struct Bucket {
    /// Requests per second.
    pub(crate) rate: f64,
    /// Most requests at once.
    pub(crate) burst: i64,
    /// Nanoseconds for one token.
    interval: u64,
    /// How far ahead of now the bucket may be full for a token to be there.
    tolerance: u64,
    /// When the bucket is full again, in nanoseconds.
    full_at: AtomicU64,
}

impl Bucket {
    pub(crate) fn new(rate: f64, burst: i64) -> Bucket {
        let tokens = u64::try_from(burst).unwrap_or(0);
        // Without a rate a token takes so long that all of them together take some centuries.
        let longest = u64::MAX / 4 / tokens.max(1);
        let interval = match rate > 0.0 {
            true => ((1e9 / rate).round() as u64).min(longest),
            false => longest,
        };
        let tolerance = interval.saturating_mul(tokens.saturating_sub(1));
        Bucket { rate, burst, interval, tolerance, full_at: AtomicU64::new(0) }
    }

    /// Takes a token; false if there is none.
    pub(crate) fn admit(&self, now: Duration) -> bool {
        let now = nanoseconds(now);
        let next = |full_at: u64| {
            let full_at = full_at.max(now);
            let has_token = self.burst >= 1 && full_at - now <= self.tolerance;
            has_token.then(|| full_at.saturating_add(self.interval))
        };
        self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }

    /// Gives back a token of a request that another limit refused.
    pub(crate) fn give_back(&self) {
        let earlier = |full_at: u64| Some(full_at.saturating_sub(self.interval));
        let _ = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, earlier);
    }

    fn is_full(&self, now: Duration) -> bool {
        self.full_at.load(Ordering::Relaxed) <= nanoseconds(now)
    }
}

fn nanoseconds(moment: Duration) -> u64 {
    u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX / 2)
}

/// All buckets, by name. Looked into once for each plan and key, not for each request.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<String, Arc<Bucket>>>);

impl Buckets {
    /// The bucket of this name and these limits.
    pub(crate) fn get(&self, name: String, (rate, burst): (f64, i64), now: Duration) -> Arc<Bucket> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.is_full(now));
        }
        let bucket = buckets.entry(name).or_insert_with(|| Arc::new(Bucket::new(rate, burst)));
        if bucket.rate != rate || bucket.burst != burst {
            *bucket = Arc::new(Bucket::new(rate, burst));
        }
        Arc::clone(bucket)
    }

    /// That of the account in the region, for all its APIs; `None` if it has no limit.
    pub(crate) fn of_account(
        &self,
        plan: &Plan,
        limit: AccountThrottle,
        now: Duration,
    ) -> Option<Arc<Bucket>> {
        let name = || format!("account {} {}", plan.stage.account, plan.stage.region);
        (limit.rate > 0.0).then(|| self.get(name(), (limit.rate, limit.burst), now))
    }

    /// That of the method, which it may share with other methods of the stage; `None` if the stage does not limit it.
    pub(crate) fn of_method<'m>(&self, plan: &Plan, method: &'m Method, now: Duration) -> Option<&'m Bucket> {
        let throttle = method.throttle.as_ref()?;
        let bucket = method.beside.get(|| {
            let (api, stage) = (&plan.stage.api_id, &plan.stage.stage_name);
            let name = format!("method {api} {stage} {}", throttle.bucket);
            self.get(name, (throttle.rate, throttle.burst as i64), now)
        });
        Some(bucket)
    }
}

#[cfg(test)]
mod tests;
