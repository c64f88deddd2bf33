//! Amazon CloudWatch: metrics (putting, reading, metric math, listing), alarms that are really evaluated, and dashboards.
//!
//! A value is seen by every later read; it is on disk about a second later. A value is in exactly one stored row, rows are rolled up as they
//! age (AWS: Metrics retention), and memory is bounded whatever comes. Measurements lie in the telemetry store, all else in the control store.
//!
//! Known gaps: composite, log and anomaly alarms, anomaly detectors, metric streams, Contributor Insights, Metrics Insights queries, `SEARCH`,
//! widget images, mute rules, datasets and OpenTelemetry are not implemented. Alarm actions reach Lambda functions only.

mod aggregate;
mod alarm;
mod answer;
mod error;
pub mod generated;
mod hub;
mod judge;
mod math;
mod names;
mod ops;
mod query;
mod read;
mod rows;
mod series;
mod statistic;
mod tasks;
#[cfg(test)]
mod testing;
mod units;
mod watch;

use std::sync::Arc;

use kernel::{Host, Service, Task};

pub use error::Error;
pub use hub::Hub;

/// The service's state.
pub struct CloudWatch {
    hub: Arc<Hub>,
}

/// The service, where the rooms put their measurements, and its tasks.
pub fn service(host: &Arc<Host>) -> (Service<CloudWatch>, Arc<Hub>, Vec<Arc<dyn Task>>) {
    let hub = Arc::new(Hub::new(host));
    let tasks: Vec<Arc<dyn Task>> = vec![
        Arc::new(tasks::Flush(Arc::clone(&hub))),
        Arc::new(tasks::Alarms::new(&hub)),
        Arc::new(tasks::Sweep),
    ];
    let state = Arc::new(CloudWatch { hub: Arc::clone(&hub) });
    (Service::new("cloudwatch", state, ops::table()), hub, tasks)
}
