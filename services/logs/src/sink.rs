//! The buffer between whoever writes many log lines and the store.
//!
//! An append takes one short lock and returns. A task writes what has gathered every [`GATHER`]; whoever reads logs writes it first, and so
//! sees everything that was appended before. Beyond [`BUFFER_BYTES_MAX`] events are dropped, counted, and the stream says so in a line of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use kernel::log_sink::{LogEvent, LogSink};
use kernel::{Host, Scope};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::tasks::FLUSH;
use crate::write::{Append, EVENT_OVERHEAD_BYTES, Missing, Numbers, append};

/// How long events gather before they are written together.
pub const GATHER: Duration = Duration::from_millis(200);
/// Most bytes that wait to be written: messages, and 26 for each event.
pub const BUFFER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest message that is kept whole, in bytes; a longer one is cut into several events (AWS: PutLogEvents, 1 MB less its overhead).
pub const MESSAGE_BYTES_MAX: usize = 1_048_576 - EVENT_OVERHEAD_BYTES;

/// Where the rooms append their log lines.
pub struct Sink {
    host: Weak<Host>,
    pub(crate) numbers: Numbers,
    buffer: Mutex<Buffer>,
    writing: Semaphore,
}

#[derive(Default)]
struct Buffer {
    /// By the stream's name, which few groups share.
    streams: HashMap<String, Vec<Waiting>>,
    bytes: usize,
    /// Events dropped whose stream is not in the buffer.
    dropped: u64,
}

struct Waiting {
    append: Append,
    dropped: u64,
}

impl Sink {
    /// An empty buffer. It does not keep the host alive, which holds it.
    pub fn new(host: &Arc<Host>) -> Sink {
        Sink {
            host: Arc::downgrade(host),
            numbers: Numbers::default(),
            buffer: Mutex::default(),
            writing: Semaphore::new(1),
        }
    }

    /// Writes everything that was appended before, durably. Call it before a process ends.
    pub async fn flush(&self) -> Result<(), Error> {
        let Some(host) = self.host.upgrade() else { return Ok(()) };
        // One writer at a time: a reader waits for the events that another flush has already taken.
        let _permit = self.writing.acquire().await.expect("the semaphore is never closed");
        let taken = std::mem::take(&mut *self.lock());
        if taken.dropped > 0 {
            tracing::warn!(events = taken.dropped, "log events were dropped: the log buffer was full");
        }
        let mut appends: Vec<Append> =
            taken.streams.into_values().flatten().map(|waiting| waiting.finish(&host)).collect();
        for append in &mut appends {
            append.events.sort_by_key(|event| event.timestamp_ms);
        }
        let written = append(&host, &self.numbers, &appends, Missing::Create).await;
        if written.is_err() {
            for Append { scope, group, stream, events, .. } in appends {
                self.append(&scope, &group, &stream, events);
            }
        }
        written
    }

    /// True if something waits to be written.
    pub fn has_waiting(&self) -> bool {
        !self.lock().streams.is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Buffer> {
        // A panic while it is held leaves nothing half done.
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buffer {
    fn find(&mut self, scope: &Scope, group: &str, stream: &str) -> Option<&mut Waiting> {
        let named = self.streams.get_mut(stream)?;
        named.iter_mut().find(|waiting| waiting.append.group == group && waiting.append.scope == *scope)
    }
}

impl Waiting {
    fn finish(mut self, host: &Host) -> Append {
        if self.dropped > 0 {
            let message =
                format!("[loggia] {} log events were dropped here: the log buffer was full", self.dropped);
            self.append.events.push(LogEvent { timestamp_ms: host.clock.now_ms(), message });
        }
        self.append
    }
}

impl LogSink for Sink {
    fn append(&self, scope: &Scope, group: &str, stream: &str, mut events: Vec<LogEvent>) {
        if events.iter().any(|event| event.message.len() > MESSAGE_BYTES_MAX) {
            events = events.into_iter().flat_map(cut).collect();
        }
        if events.is_empty() {
            return;
        }
        let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_OVERHEAD_BYTES).sum();
        let mut buffer = self.lock();
        let was_empty = buffer.streams.is_empty();
        if buffer.bytes + bytes > BUFFER_BYTES_MAX {
            let count = events.len() as u64;
            match buffer.find(scope, group, stream) {
                Some(waiting) => waiting.dropped += count,
                None => buffer.dropped += count,
            }
            return;
        }
        buffer.bytes += bytes;
        match buffer.find(scope, group, stream) {
            Some(waiting) => waiting.append.events.extend(events),
            None => {
                let (group, name) = (group.to_owned(), stream.to_owned());
                let append = Append { scope: scope.clone(), group, stream: name, events, token: None };
                let waiting = Waiting { append, dropped: 0 };
                buffer.streams.entry(stream.to_owned()).or_default().push(waiting);
            }
        }
        drop(buffer);
        if was_empty && let Some(host) = self.host.upgrade() {
            host.signals.wake(FLUSH);
        }
    }
}

fn cut(event: LogEvent) -> Vec<LogEvent> {
    let mut rest = event.message.as_str();
    let mut events = Vec::new();
    while rest.len() > MESSAGE_BYTES_MAX {
        let (head, tail) = rest.split_at(rest.floor_char_boundary(MESSAGE_BYTES_MAX));
        events.push(LogEvent { timestamp_ms: event.timestamp_ms, message: head.to_owned() });
        rest = tail;
    }
    events.push(LogEvent { timestamp_ms: event.timestamp_ms, message: rest.to_owned() });
    events
}

#[cfg(test)]
mod tests;
