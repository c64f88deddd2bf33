//! The lines that Lambda itself writes into a function's log, and the error objects it answers with. Pure text.
//!
//! What always holds: the forms are those AWS documents (Lambda developer guide: "Monitoring …: Working with logs", "Understanding the
//! Lambda execution environment lifecycle", "Troubleshoot invocation issues"); tabs and the tab at the end of REPORT included.
//! Lines come without their final line break, which the log adds.
//!
//! Known differences from AWS: with JSON logs only `platform.start`, `platform.report` and `platform.initReport` are written as JSON;
//! "Task timed out" and "Runtime exited" stay text. INIT_START names our interpreter and has no ARN.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::time::iso;

/// Room for an ordinary REPORT line, in bytes.
const REPORT_BYTES: usize = 160;

/// How an invocation ended, beside success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Success,
    /// The function said that it failed: AWS reports such an invocation like a successful one.
    FunctionError,
    Timeout,
    /// The runtime ended or never started; the error type.
    Error(String),
}

/// The figures of a REPORT line.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub duration_ms: f64,
    pub memory_mb: u32,
    pub memory_used_mb: u64,
    /// Duration of the Init phase, for the first invocation of an environment.
    pub init_ms: Option<f64>,
    pub status: Status,
}

impl Report {
    /// AWS bills whole milliseconds of the invocation, and of the Init phase that came before it.
    fn billed_ms(&self) -> u64 {
        (self.duration_ms + self.init_ms.unwrap_or(0.0)).ceil().max(1.0) as u64
    }

    pub fn text(&self, request_id: &str) -> String {
        let mut line = String::with_capacity(REPORT_BYTES);
        // In hundredths, because a float's digits take long to find, and this line is written for each invocation.
        let hundredths = (self.duration_ms * 100.0).round() as u64;
        let _ = write!(
            line,
            "REPORT RequestId: {request_id}\tDuration: {}.{:02} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            hundredths / 100,
            hundredths % 100,
            self.billed_ms(),
            self.memory_mb,
            self.memory_used_mb
        );
        if let Some(init_ms) = self.init_ms {
            line.push_str(&format!("Init Duration: {init_ms:.2} ms\t"));
        }
        match &self.status {
            Status::Success | Status::FunctionError => {}
            Status::Timeout => line.push_str("Status: timeout"),
            Status::Error(error_type) => line.push_str(&format!("Status: error\tError Type: {error_type}")),
        }
        line
    }

    pub fn json(&self, request_id: &str, now_ms: i64) -> String {
        let mut metrics = json!({
            "durationMs": rounded(self.duration_ms),
            "billedDurationMs": self.billed_ms(),
            "memorySizeMB": self.memory_mb,
            "maxMemoryUsedMB": self.memory_used_mb,
        });
        if let Some(init_ms) = self.init_ms {
            metrics["initDurationMs"] = rounded(init_ms);
        }
        let mut record = json!({"requestId": request_id, "metrics": metrics, "status": match &self.status {
            Status::Success => "success",
            Status::FunctionError | Status::Error(_) => "error",
            Status::Timeout => "timeout",
        }});
        if let Status::Error(error_type) = &self.status {
            record["errorType"] = Value::from(error_type.as_str());
        }
        json!({"time": iso(now_ms), "type": "platform.report", "record": record}).to_string()
    }
}

fn rounded(ms: f64) -> Value {
    Value::from((ms * 1000.0).round() / 1000.0)
}

pub fn start_text(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}")
}

pub fn start_json(request_id: &str, version: &str, now_ms: i64) -> String {
    let record = json!({"requestId": request_id, "version": version});
    json!({"time": iso(now_ms), "type": "platform.start", "record": record}).to_string()
}

pub fn end_text(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

/// `phase` is `init` or `invoke`. AWS: Understanding the Lambda execution environment lifecycle, "Failures during the Init phase".
pub fn init_report(init_ms: f64, phase: &str, failure: &InitFailure) -> String {
    let line = format!("INIT_REPORT Init Duration: {init_ms:.2} ms\tPhase: {phase}\tStatus: ");
    match failure {
        InitFailure::Timeout => line + "timeout",
        InitFailure::Error { error_type, .. } => line + "error\tError Type: " + error_type,
    }
}

/// The same for JSON logs. AWS: Lambda Telemetry API reference, `platform.initReport`.
pub fn init_report_json(init_ms: f64, phase: &str, failure: &InitFailure, now_ms: i64) -> String {
    let mut record = json!({
        "initializationType": "on-demand",
        "phase": phase,
        "status": if *failure == InitFailure::Timeout { "timeout" } else { "error" },
        "metrics": {"durationMs": rounded(init_ms)},
    });
    if let InitFailure::Error { error_type, .. } = failure {
        record["errorType"] = Value::from(error_type.as_str());
    }
    json!({"time": iso(now_ms), "type": "platform.initReport", "record": record}).to_string()
}

/// Why an environment did not become ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitFailure {
    Timeout,
    /// `payload` is the error object when the runtime gave one.
    Error {
        error_type: String,
        payload: Option<bytes::Bytes>,
        reason: String,
    },
}

/// The log line and the error object of an invocation whose time is over.
pub fn timed_out(request_id: &str, timeout_ms: u64, now_ms: i64) -> (String, String) {
    let seconds = timeout_ms as f64 / 1000.0;
    let text = format!("Task timed out after {seconds:.2} seconds");
    let line = format!("{} {request_id} {text}\n", iso(now_ms));
    (line, error_object("Sandbox.Timedout", &format!("RequestId: {request_id} Error: {text}")))
}

/// The log line and the error object of an invocation whose runtime ended. `reason` is a text of [`exit_reason`].
pub fn exited(request_id: &str, error_type: &str, reason: &str) -> (String, String) {
    let message = format!("RequestId: {request_id} Error: {reason}");
    (format!("{message}\n{error_type}"), error_object(error_type, &message))
}

/// What AWS says of a process that ended by itself.
pub fn exit_reason(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (_, Some(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        (Some(0) | None, None) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), None) => format!("Runtime exited with error: exit status {code}"),
    }
}

/// Signals as the Go runtime of AWS's own init process names them.
fn signal_name(signal: i32) -> String {
    let known = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        24 => "CPU time limit exceeded",
        25 => "file size limit exceeded",
        31 => "bad system call",
        other => return format!("signal {other}"),
    };
    known.to_owned()
}

/// `{"errorType":…,"errorMessage":…}`.
pub fn error_object(error_type: &str, message: &str) -> String {
    json!({"errorType": error_type, "errorMessage": message}).to_string()
}

#[cfg(test)]
mod tests;
