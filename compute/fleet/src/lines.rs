//! One environment's log: cuts output into events, bounds it, keeps the tail, hands batches to CloudWatch Logs.
//!
//! What always holds: events keep the order in which their bytes came; nothing is kept beyond named limits: output over
//! [`LOG_BURST_BYTES`] plus [`LOG_BYTES_PER_SECOND`] is dropped, counted, and a marker line says how much; the platform's own lines
//! (START, END, REPORT, errors) are never dropped.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::Scope;
use kernel::functions::{FunctionVersion, Invocation};
use kernel::log_sink::{LogEvent, LogSink};

use crate::limits::{LOG_BATCH_LEN, LOG_BURST_BYTES, LOG_BYTES_PER_SECOND, LOG_EVENT_LEN_MAX, LOG_TAIL_LEN};
use crate::report::{self, InitFailure, Report};

/// Where output came from; each source's lines are put together apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Stdout,
    Stderr,
    /// The plain pipe of both standard streams: child processes, native code.
    Pipe,
}

/// The log of one environment.
pub struct Lines {
    sink: Arc<dyn LogSink>,
    scope: Scope,
    group: String,
    stream: String,
    batch: Vec<LogEvent>,
    /// Function output is in the batch, which somebody may be waiting to see.
    has_output: bool,
    partial: [Vec<u8>; 3],
    tail: Option<Vec<u8>>,
    budget: Budget,
}

impl Lines {
    pub fn new(sink: Arc<dyn LogSink>, scope: Scope, group: String, stream: String, now: Duration) -> Lines {
        Lines {
            sink,
            scope,
            group,
            stream,
            batch: Vec::new(),
            has_output: false,
            partial: Default::default(),
            tail: None,
            budget: Budget { left: LOG_BURST_BYTES, refilled: now, dropped: 0 },
        }
    }

    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The tail since [`Lines::start`], if it was asked for: at most [`LOG_TAIL_LEN`] bytes.
    fn take_tail(&mut self) -> Option<Bytes> {
        let mut tail = self.tail.take()?;
        let over = tail.len().saturating_sub(LOG_TAIL_LEN);
        Some(tail.split_off(over).into())
    }

    /// An invocation begins: its tail, its START line.
    pub fn start(&mut self, invocation: &Invocation, version: &FunctionVersion, now_ms: i64) {
        if invocation.wants_log_tail {
            self.tail = Some(Vec::new());
        }
        let line = if version.logs_json {
            report::start_json(&invocation.request_id, &version.version, now_ms)
        } else {
            report::start_text(&invocation.request_id, &version.version)
        };
        self.platform(now_ms, line);
    }

    /// An invocation is over: END and REPORT, and everything is handed over.
    pub fn end(
        &mut self,
        invocation: &Invocation,
        version: &FunctionVersion,
        report: &Report,
        now_ms: i64,
    ) -> Option<Bytes> {
        if version.logs_json {
            self.platform(now_ms, report.json(&invocation.request_id, now_ms));
        } else {
            self.platform(now_ms, report::end_text(&invocation.request_id));
            self.platform(now_ms, report.text(&invocation.request_id));
        }
        self.flush();
        self.take_tail()
    }

    /// An Init phase has failed.
    pub fn init_failed(
        &mut self,
        init_ms: f64,
        phase: &str,
        failure: &InitFailure,
        version: &FunctionVersion,
        now_ms: i64,
    ) {
        let line = if version.logs_json {
            report::init_report_json(init_ms, phase, failure, now_ms)
        } else {
            report::init_report(init_ms, phase, failure)
        };
        self.platform(now_ms, line);
    }

    /// A line of the platform's own.
    pub fn platform(&mut self, now_ms: i64, message: String) {
        self.push(now_ms, message);
    }

    /// One whole log event of the function's runtime.
    pub fn event(&mut self, now: Duration, time_ms: i64, message: &[u8]) {
        self.settle(time_ms);
        if self.budget.admits(message.len(), now) {
            self.output(time_ms, message);
        }
    }

    /// Bytes written to a stream; whole lines become events, the rest waits for its end of line.
    pub fn bytes(&mut self, source: Source, now: Duration, time_ms: i64, mut data: &[u8]) {
        self.settle(time_ms);
        if !self.budget.admits(data.len(), now) {
            return;
        }
        while let Some(at) = data.iter().position(|&byte| byte == b'\n') {
            let mut line = std::mem::take(&mut self.partial[source as usize]);
            line.extend_from_slice(&data[..at]);
            data = &data[at + 1..];
            self.output(time_ms, &line);
            line.clear();
            self.partial[source as usize] = line;
        }
        self.partial[source as usize].extend_from_slice(data);
        if self.partial[source as usize].len() >= LOG_EVENT_LEN_MAX {
            self.end_line(source, time_ms);
        }
    }

    /// The function has answered, or is gone: what waits for its end of line is a line.
    pub fn end_lines(&mut self, time_ms: i64) {
        for source in [Source::Stdout, Source::Stderr, Source::Pipe] {
            if !self.partial[source as usize].is_empty() {
                self.end_line(source, time_ms);
            }
        }
        self.report_dropped(time_ms);
    }

    /// Hands over what was gathered, if the function wrote any of it.
    pub fn flush_output(&mut self) {
        if self.has_output {
            self.flush();
        }
    }

    /// Hands over what was gathered.
    pub fn flush(&mut self) {
        self.has_output = false;
        if !self.batch.is_empty() {
            let events = std::mem::take(&mut self.batch);
            self.sink.append(&self.scope, &self.group, &self.stream, events);
        }
    }

    fn end_line(&mut self, source: Source, time_ms: i64) {
        let line = std::mem::take(&mut self.partial[source as usize]);
        self.output(time_ms, &line);
    }

    fn output(&mut self, time_ms: i64, message: &[u8]) {
        self.has_output = true;
        let message = message.strip_suffix(b"\n").unwrap_or(message);
        if message.len() <= LOG_EVENT_LEN_MAX {
            self.push(time_ms, String::from_utf8_lossy(message).into_owned());
            return;
        }
        for part in message.chunks(LOG_EVENT_LEN_MAX) {
            self.push(time_ms, String::from_utf8_lossy(part).into_owned());
        }
    }

    fn push(&mut self, timestamp_ms: i64, message: String) {
        if let Some(tail) = &mut self.tail {
            tail.extend_from_slice(message.as_bytes());
            tail.push(b'\n');
            if tail.len() > 16 * LOG_TAIL_LEN {
                tail.drain(..tail.len() - LOG_TAIL_LEN);
            }
        }
        self.batch.push(LogEvent { timestamp_ms, message });
        if self.batch.len() >= LOG_BATCH_LEN {
            self.flush();
        }
    }

    /// Says what was dropped as soon as there is room again.
    fn settle(&mut self, time_ms: i64) {
        if self.budget.dropped > 0 && self.budget.left > LOG_BURST_BYTES / 2 {
            self.report_dropped(time_ms);
        }
    }

    fn report_dropped(&mut self, time_ms: i64) {
        let dropped = std::mem::take(&mut self.budget.dropped);
        if dropped > 0 {
            self.push(time_ms, format!("[loggia] {dropped} bytes of log output were dropped: the limit is {LOG_BYTES_PER_SECOND} bytes per second"));
        }
    }
}

impl Drop for Lines {
    /// What was gathered and not handed over yet is not lost with its environment.
    fn drop(&mut self) {
        self.flush();
    }
}

/// A token bucket of bytes.
struct Budget {
    left: u64,
    refilled: Duration,
    dropped: u64,
}

impl Budget {
    fn admits(&mut self, len: usize, now: Duration) -> bool {
        let len = len as u64;
        if self.left < LOG_BURST_BYTES {
            let since = now.saturating_sub(self.refilled);
            let refill = (since.as_micros() as u64).saturating_mul(LOG_BYTES_PER_SECOND) / 1_000_000;
            if refill > 0 {
                self.left = self.left.saturating_add(refill).min(LOG_BURST_BYTES);
                self.refilled = now;
            }
        } else {
            self.refilled = now;
        }
        if self.left < len {
            self.dropped += len;
            return false;
        }
        self.left -= len;
        true
    }
}

#[cfg(test)]
mod tests;
