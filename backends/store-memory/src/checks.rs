//! What a batch must satisfy before any store looks at it, and where events stand: the same on every store of one process.

use bytes::Bytes;
use kernel::key::{Key, Part};
use kernel::limits::{BATCH_BYTES_MAX, KEY_BYTES_MAX, VALUE_BYTES_MAX};
use kernel::store::{Batch, EVENTS_PER_COMMIT_BITS, Entry, Position, Range, StoreError, Version, event_key};

/// Most events of one commit.
const EVENTS_PER_COMMIT_MAX: usize = 1 << EVENTS_PER_COMMIT_BITS;

/// Refuses a batch that is larger than the limits of `kernel::limits`, that has an empty key, that carries more than
/// 2^[`EVENTS_PER_COMMIT_BITS`] events, or that writes one key twice.
pub fn check_limits(batch: &Batch) -> Result<(), StoreError> {
    let mut written = Vec::with_capacity(batch.puts.len() + batch.deletes.len());
    for (key, value) in &batch.puts {
        check_key(key)?;
        at_most("value", value.len(), VALUE_BYTES_MAX)?;
        written.push(key);
    }
    for key in &batch.deletes {
        check_key(key)?;
        written.push(key);
    }
    for event in &batch.events {
        check_key(&event_key(&event.topic, Position::MAX))?;
        at_most("value", event.payload.len(), VALUE_BYTES_MAX)?;
    }
    at_most("batch", batch_bytes(batch), BATCH_BYTES_MAX)?;
    if batch.events.len() > EVENTS_PER_COMMIT_MAX {
        let text =
            format!("a commit carries at most {EVENTS_PER_COMMIT_MAX} events, not {}", batch.events.len());
        return Err(StoreError::Failed(text.into()));
    }
    written.sort_unstable();
    match written.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(StoreError::Failed(format!("a commit writes {:?} twice", pair[0]).into())),
        None => Ok(()),
    }
}

/// Bytes of all keys, values, topics and payloads that a batch writes.
pub fn batch_bytes(batch: &Batch) -> usize {
    let puts: usize = batch.puts.iter().map(|(key, value)| key.as_bytes().len() + value.len()).sum();
    let deletes: usize = batch.deletes.iter().map(|key| key.as_bytes().len()).sum();
    let events: usize = batch.events.iter().map(|event| event.topic.len() + event.payload.len()).sum();
    puts + deletes + events
}

/// The position of the event with number `index` in the batch that was committed as `version`.
pub fn event_position(version: Version, index: usize) -> Position {
    (version << EVENTS_PER_COMMIT_BITS) | index as Position
}

/// The range in which the events of `topic` after a position are filed, `None` if none can be.
pub fn events_range(topic: &str, after: Position, limit: usize) -> Option<Range> {
    let start = event_key(topic, after.checked_add(1)?);
    // One byte more than the last key that an event can have: the end is excluded.
    let end = event_key(topic, Position::MAX).number(0);
    Some(Range { start, end: Some(end), limit, descending: false })
}

/// An entry of [`events_range`] as position and payload.
pub fn into_event(entry: Entry) -> (Position, Bytes) {
    let position = match entry.key.parts().pop() {
        Some(Part::Number(position)) => position,
        _ => unreachable!("the range of a topic holds nothing but keys that end in a position"),
    };
    (position, entry.value)
}

fn check_key(key: &Key) -> Result<(), StoreError> {
    if key.as_bytes().is_empty() {
        return Err(StoreError::Failed("the empty key cannot hold a value".into()));
    }
    at_most("key", key.as_bytes().len(), KEY_BYTES_MAX)
}

fn at_most(what: &'static str, bytes: usize, limit: usize) -> Result<(), StoreError> {
    if bytes > limit { Err(StoreError::TooLarge { what, bytes, limit }) } else { Ok(()) }
}
