//! `AWS/ApiGateway` metrics of every answered request.
//!
//! AWS: Amazon API Gateway dimensions and metrics: by `ApiName`, and by `ApiName` and `Stage`; where the method's settings ask for it also by
//! method and resource. What requests measured is gathered and handed on in groups, at most [`FLUSH_EVERY`] later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::metrics::{Metric, Series};
use kernel::{Failure, Host, Scope, Task};
use plan::Plan;

use crate::Gateway;
use crate::exchange::{CacheOutcome, Exchange};

/// Name of the task that hands measurements on, and of its signal.
pub(crate) const TASK: &str = "execute-api/metrics";
/// How long measurements are gathered.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Measurements that are gathered of one stage or method before they are handed on.
const SAMPLES_MAX: usize = 256;

/// What one request measured.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sample {
    at_ms: i64,
    status: u16,
    latency_ms: u64,
    integration_ms: Option<u64>,
    cache: CacheOutcome,
}

/// The metrics of a stage or of one of its methods.
pub(crate) struct Meter {
    /// One for each combination of dimensions.
    all: Vec<Set>,
    samples: Mutex<Vec<Sample>>,
    is_listed: AtomicBool,
}

/// The metrics of one combination of dimensions.
struct Set {
    count: Arc<dyn Series>,
    client_errors: Arc<dyn Series>,
    server_errors: Arc<dyn Series>,
    latency: Arc<dyn Series>,
    integration_latency: Arc<dyn Series>,
    cache_hits: Arc<dyn Series>,
    cache_misses: Arc<dyn Series>,
}

/// Meters that have something to hand on.
#[derive(Default)]
pub(crate) struct Meters {
    listed: Mutex<Vec<Arc<Meter>>>,
    /// When it was last done, on the monotonic clock.
    done: Mutex<Option<Duration>>,
}

/// Measures an answered request.
pub(crate) fn measure(gateway: &Gateway, exchange: &Exchange, status: u16) {
    let clock = &gateway.host.clock;
    let took = clock.monotonic().saturating_sub(exchange.started);
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let sample = Sample {
        at_ms: exchange.inbound.received_ms,
        status,
        latency_ms: milliseconds(took),
        integration_ms: exchange.integration.latency.map(milliseconds),
        cache: exchange.cache,
    };
    let plan = &exchange.plan;
    let meter = plan.meter.get(|| Arc::new(Meter::of_stage(&gateway.host, plan)));
    gateway.meters.add(&gateway.host, meter, sample);
    if let Some(method) = &exchange.method
        && method.settings.metrics_enabled == Some(true)
    {
        let dimensions = [("Resource", method.resource_path.as_str()), ("Method", &method.http_method)];
        let meter = method.meter.get(|| Arc::new(Meter::of_method(&gateway.host, plan, dimensions)));
        gateway.meters.add(&gateway.host, meter, sample);
    }
}

impl Meters {
    fn add(&self, host: &Host, meter: &Arc<Meter>, sample: Sample) {
        let full = {
            let mut samples = meter.samples.lock().unwrap_or_else(PoisonError::into_inner);
            samples.push(sample);
            (samples.len() >= SAMPLES_MAX).then(|| std::mem::take(&mut *samples))
        };
        if let Some(full) = full {
            return meter.hand_on(&full);
        }
        if !meter.is_listed.swap(true, Ordering::AcqRel) {
            self.listed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(meter));
            host.signals.wake(TASK);
        }
    }

    fn flush(&self) {
        let listed = std::mem::take(&mut *self.listed.lock().unwrap_or_else(PoisonError::into_inner));
        for meter in listed {
            meter.is_listed.store(false, Ordering::Release);
            let samples = std::mem::take(&mut *meter.samples.lock().unwrap_or_else(PoisonError::into_inner));
            meter.hand_on(&samples);
        }
    }
}

impl Meter {
    fn of_stage(host: &Host, plan: &Plan) -> Meter {
        let api = ("ApiName", plan.api.name.as_str());
        let stage = ("Stage", plan.stage.stage_name.as_str());
        Meter::new(host, plan, &[&[api], &[api, stage]])
    }

    fn of_method(host: &Host, plan: &Plan, [resource, method]: [(&str, &str); 2]) -> Meter {
        let (api, stage) = (("ApiName", plan.api.name.as_str()), ("Stage", plan.stage.stage_name.as_str()));
        Meter::new(host, plan, &[&[api, stage, resource, method]])
    }

    fn new(host: &Host, plan: &Plan, all: &[&[(&str, &str)]]) -> Meter {
        let scope = Scope::new(&plan.stage.account, &plan.stage.region);
        let all = all.iter().map(|dimensions| Set::new(host, &scope, dimensions)).collect();
        Meter { all, samples: Mutex::default(), is_listed: AtomicBool::new(false) }
    }

    /// Records what was gathered, equal values together.
    fn hand_on(&self, samples: &[Sample]) {
        let Some(first) = samples.first() else { return };
        let at_ms = first.at_ms;
        let share = |is_it: fn(&Sample) -> bool| {
            let count = samples.iter().filter(|sample| is_it(sample)).count();
            [(1.0, count), (0.0, samples.len() - count)]
        };
        let times = |time: fn(&Sample) -> Option<u64>| {
            let mut all: Vec<u64> = samples.iter().filter_map(time).collect();
            all.sort_unstable();
            let groups = all.chunk_by(|one, other| one == other);
            groups.map(|group| (group[0] as f64, group.len())).collect::<Vec<_>>()
        };
        let latency = times(|sample| Some(sample.latency_ms));
        let integration_latency = times(|sample| sample.integration_ms);
        let is_cached = samples.iter().any(|sample| sample.cache != CacheOutcome::None);
        for set in &self.all {
            record(&*set.count, at_ms, &[(1.0, samples.len())]);
            record(&*set.client_errors, at_ms, &share(|sample| (400..500).contains(&sample.status)));
            record(&*set.server_errors, at_ms, &share(|sample| sample.status >= 500));
            record(&*set.latency, at_ms, &latency);
            record(&*set.integration_latency, at_ms, &integration_latency);
            if is_cached {
                record(&*set.cache_hits, at_ms, &share(|sample| sample.cache == CacheOutcome::Hit));
                record(&*set.cache_misses, at_ms, &share(|sample| sample.cache == CacheOutcome::Miss));
            }
        }
    }
}

impl Set {
    fn new(host: &Host, scope: &Scope, dimensions: &[(&str, &str)]) -> Set {
        let series = |name: &str, unit: &str| {
            let metric = Metric::new("AWS/ApiGateway", name, unit);
            let metric = dimensions.iter().fold(metric, |metric, (name, value)| metric.with(name, value));
            host.rooms().metrics.series(scope, &metric)
        };
        Set {
            count: series("Count", "Count"),
            client_errors: series("4XXError", "Count"),
            server_errors: series("5XXError", "Count"),
            latency: series("Latency", "Milliseconds"),
            integration_latency: series("IntegrationLatency", "Milliseconds"),
            cache_hits: series("CacheHitCount", "Count"),
            cache_misses: series("CacheMissCount", "Count"),
        }
    }
}

fn record(series: &dyn Series, at_ms: i64, values: &[(f64, usize)]) {
    for &(value, count) in values.iter().filter(|(_, count)| *count > 0) {
        series.record_times(at_ms, value, count as u64);
    }
}

/// Hands measurements on, at most once in [`FLUSH_EVERY`]; sleeps while there are none.
pub(crate) struct Flush(pub(crate) Arc<Meters>);

impl Task for Flush {
    fn name(&self) -> &'static str {
        TASK
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        async move {
            let now = host.clock.monotonic();
            let mut done = self.0.done.lock().unwrap_or_else(PoisonError::into_inner);
            let since = done.map(|done| now.saturating_sub(done));
            if let Some(wait) =
                since.and_then(|since| FLUSH_EVERY.checked_sub(since)).filter(|wait| !wait.is_zero())
            {
                return Ok(Some(wait));
            }
            *done = Some(now);
            self.0.flush();
            Ok(None)
        }
        .boxed()
    }
}
