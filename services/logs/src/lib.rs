//! Amazon CloudWatch Logs: log groups and streams, putting, reading and filtering events, retention.
//!
//! An event that was acknowledged or appended is seen by every later read. Events of a stream are ordered by their timestamp, then by the order
//! in which they came in. Expired events are never read. Everything is in the telemetry store, so that its syncs do not hold up control data.
//!
//! Known gaps: metric and subscription filters, Insights queries, exports, Live Tail, data protection and transformers are not implemented.
//! A group's KMS key is stored and shown, but what is stored is not encrypted with it. `storedBytes` of a group is measured once a minute.

mod error;
mod filter;
pub mod generated;
mod names;
mod ops;
mod page;
mod read;
mod segment;
mod sink;
mod tables;
mod tasks;
#[cfg(test)]
mod testing;
mod write;

use std::sync::Arc;

use kernel::{Host, Service, Task};

pub use error::Error;
pub use sink::Sink;

/// The service's state.
pub struct Logs {
    sink: Arc<Sink>,
    sizes: Arc<tasks::Sizes>,
}

/// The service, where the rooms append their lines, and its tasks.
pub fn service(host: &Arc<Host>) -> (Service<Logs>, Arc<Sink>, Vec<Arc<dyn Task>>) {
    let sink = Arc::new(Sink::new(host));
    let sizes = Arc::new(tasks::Sizes::default());
    let tasks: Vec<Arc<dyn Task>> =
        vec![Arc::new(tasks::Flush(Arc::clone(&sink))), Arc::new(tasks::Sweep(Arc::clone(&sizes)))];
    let state = Arc::new(Logs { sink: Arc::clone(&sink), sizes });
    (Service::new("logs", state, ops::table()), sink, tasks)
}
