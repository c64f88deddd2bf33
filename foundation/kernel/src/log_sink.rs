//! Where log lines go: CloudWatch Logs, as the rooms that write many of them see it.

use crate::ctx::Scope;

/// One log event.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Text, without its final line break.
    pub message: String,
}

/// Takes log events. Implemented by `services/logs`.
pub trait LogSink: Send + Sync + 'static {
    /// Appends events to a stream, making group and stream if they are not there. Returns at once: events are buffered within a bound
    /// and written in groups; beyond the bound they are dropped and counted. Readers of the Logs API see what was appended.
    fn append(&self, scope: &Scope, group: &str, stream: &str, events: Vec<LogEvent>);
}
