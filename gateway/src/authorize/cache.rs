//! Answers of authorizers, remembered for a while: the answer, not the decision, which is made anew for each request.
//!
//! What it is remembered under is hashed, so that no token is kept; the number of answers and their bytes are bounded. When there is no
//! room, what has expired goes, and then all of that part. A lock is held for the look alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::limits::{AUTHORIZER_ANSWERS_BYTES_MAX, AUTHORIZER_ANSWERS_MAX};

/// Parts that are locked for themselves.
const PARTS: usize = 16;
/// What an answer takes beside its own bytes, about.
const ENTRY_BYTES: usize = 128;

/// What an answer is remembered under.
pub(crate) type Name = [u8; 32];

/// Remembered answers.
pub(crate) struct Answers<T> {
    parts: [Mutex<Part<T>>; PARTS],
    answers_max: usize,
    bytes_max: usize,
}

struct Part<T> {
    entries: HashMap<Name, Entry<T>>,
    bytes: usize,
}

struct Entry<T> {
    answer: T,
    until: Duration,
    bytes: usize,
}

impl<T> Default for Answers<T> {
    fn default() -> Answers<T> {
        Answers::bounded(AUTHORIZER_ANSWERS_MAX, AUTHORIZER_ANSWERS_BYTES_MAX)
    }
}

impl<T> Answers<T> {
    fn bounded(answers_max: usize, bytes_max: usize) -> Answers<T> {
        let parts = std::array::from_fn(|_| Mutex::new(Part { entries: HashMap::new(), bytes: 0 }));
        Answers { parts, answers_max: answers_max / PARTS, bytes_max: bytes_max / PARTS }
    }

    fn part(&self, name: &Name) -> &Mutex<Part<T>> {
        &self.parts[usize::from(name[0]) % PARTS]
    }
}

impl<T: Clone> Answers<T> {
    /// An answer that is still good.
    pub(crate) fn get(&self, name: &Name, now: Duration) -> Option<T> {
        let part = self.part(name).lock().unwrap_or_else(PoisonError::into_inner);
        part.entries.get(name).filter(|entry| now < entry.until).map(|entry| entry.answer.clone())
    }

    /// Remembers an answer of about `bytes` until then.
    pub(crate) fn put(&self, name: Name, answer: T, bytes: usize, (now, until): (Duration, Duration)) {
        let bytes = bytes + ENTRY_BYTES;
        if bytes > self.bytes_max || until <= now {
            return;
        }
        let mut part = self.part(&name).lock().unwrap_or_else(PoisonError::into_inner);
        if part.entries.len() >= self.answers_max || part.bytes + bytes > self.bytes_max {
            part.entries.retain(|_, entry| now < entry.until);
            part.bytes = part.entries.values().map(|entry| entry.bytes).sum();
        }
        if part.entries.len() >= self.answers_max || part.bytes + bytes > self.bytes_max {
            part.entries.clear();
            part.bytes = 0;
        }
        part.bytes += bytes;
        if let Some(old) = part.entries.insert(name, Entry { answer, until, bytes }) {
            part.bytes -= old.bytes;
        }
    }
}

/// The name of an answer of this generation of an authorizer to this identity.
pub(crate) fn name(generation: &str, identity: &[String]) -> Name {
    let mut all = Vec::with_capacity(generation.len() + 64 + identity.iter().map(String::len).sum::<usize>());
    for text in std::iter::once(generation).chain(identity.iter().map(String::as_str)) {
        // Lengths keep apart what would look the same one after the other.
        all.extend_from_slice(&text.len().to_le_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    sigv4::sha256(&all)
}

#[cfg(test)]
mod tests;
