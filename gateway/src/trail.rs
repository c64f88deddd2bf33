//! The execution log of one request, as API Gateway words it.
//!
//! AWS: Set up CloudWatch logging for REST APIs. With `ERROR` the lines of requests that failed are kept, with `INFO` all; whole bodies
//! and headers only with data tracing. Lines are not even made where nobody asked for them.

use std::fmt::Display;

/// What a method's settings let into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    /// Nothing.
    #[default]
    Off,
    /// Requests that failed.
    Error,
    /// All.
    Info,
}

/// Longest line, in bytes; AWS cuts there as well.
const LINE_BYTES_MAX: usize = 1024;
/// Most lines of one request.
const LINES_MAX: usize = 64;

/// Lines in the making.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    level: Level,
    has_data: bool,
    has_failed: bool,
    lines: Vec<String>,
}

impl Trail {
    /// A trail of this level; with `has_data`, bodies and headers are in it.
    pub(crate) fn new(level: Level, has_data: bool) -> Trail {
        Trail { level, has_data, ..Trail::default() }
    }

    /// A trail with everything, whatever the settings say.
    pub(crate) fn whole() -> Trail {
        Trail::new(Level::Info, true)
    }

    /// Raises a trail that was begun before the method was known.
    pub(crate) fn set(&mut self, level: Level, has_data: bool) {
        (self.level, self.has_data) = (level, has_data);
    }

    /// A line.
    pub(crate) fn line<T: Display>(&mut self, make: impl FnOnce() -> T) {
        if self.level != Level::Off {
            self.push(make().to_string());
        }
    }

    /// A line with what a client or backend sent.
    pub(crate) fn data<T: Display>(&mut self, make: impl FnOnce() -> T) {
        if self.level != Level::Off && self.has_data {
            self.push(make().to_string());
        }
    }

    /// A line about a failure: with it the request's lines are kept also at `ERROR`.
    pub(crate) fn error<T: Display>(&mut self, make: impl FnOnce() -> T) {
        self.has_failed = true;
        self.line(make);
    }

    /// The lines that the level keeps.
    pub(crate) fn take(&mut self) -> Vec<String> {
        let is_kept = self.level == Level::Info || self.level == Level::Error && self.has_failed;
        if is_kept { std::mem::take(&mut self.lines) } else { Vec::new() }
    }

    fn push(&mut self, mut line: String) {
        if line.len() > LINE_BYTES_MAX {
            let end = (0..=LINE_BYTES_MAX).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
            line.truncate(end);
            line.push_str(" [TRUNCATED]");
        }
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        }
    }
}
