//! Where measurements go: CloudWatch metrics, as the rooms that measure much see them.
//!
//! A caller asks once for a [`Series`] and keeps it beside what it measures (a stage, a method, a function); each value then costs one
//! short lock, well below a microsecond. Nothing here fails or waits: what cannot be kept within the bounds is dropped and counted.

use std::sync::Arc;

use crate::ctx::Scope;

/// What identifies a metric within an account and region, and the unit of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Metric {
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Duration`.
    pub name: String,
    /// Names and values, in any order; two metrics with the same pairs are the same.
    pub dimensions: Vec<(String, String)>,
    /// CloudWatch's unit, such as `Milliseconds`; anything it does not know is `None`.
    pub unit: String,
}

impl Metric {
    /// A metric without dimensions.
    pub fn new(namespace: &str, name: &str, unit: &str) -> Metric {
        Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: Vec::new(),
            unit: unit.to_owned(),
        }
    }

    /// Adds a dimension.
    pub fn with(mut self, name: &str, value: &str) -> Metric {
        self.dimensions.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The values of one metric.
pub trait Series: Send + Sync + 'static {
    /// Adds a value that was measured now.
    fn record(&self, value: f64);
    /// Adds a value that was measured at `at_ms`, in milliseconds since the epoch.
    fn record_at(&self, at_ms: i64, value: f64);
    /// Adds a value that was measured so many times at `at_ms`, in milliseconds since the epoch.
    fn record_times(&self, at_ms: i64, value: f64, times: u64);
}

/// Takes measurements. Implemented by `services/cloudwatch`.
pub trait Metrics: Send + Sync + 'static {
    /// The series of a metric, made if it is not there. Costs about a microsecond: keep it where values come often.
    fn series(&self, scope: &Scope, metric: &Metric) -> Arc<dyn Series>;
}

/// Drops every measurement: for tests of rooms that measure.
pub struct Unmeasured;

impl Series for Unmeasured {
    fn record(&self, _value: f64) {}
    fn record_at(&self, _at_ms: i64, _value: f64) {}
    fn record_times(&self, _at_ms: i64, _value: f64, _times: u64) {}
}

impl Metrics for Unmeasured {
    fn series(&self, _scope: &Scope, _metric: &Metric) -> Arc<dyn Series> {
        Arc::new(Unmeasured)
    }
}
