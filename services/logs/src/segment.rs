//! Events of one stream that came in together, as one value of the store.
//!
//! A segment spans at most [`SPAN_MS_MAX`] and about [`SEGMENT_BYTES`]; its key is its first timestamp and a number that grows with ingestion.
//! An event too long for a value stands alone, in pieces. An event's [`Position`] orders it by timestamp, then ingestion, then place in its batch.

use kernel::log_sink::LogEvent;
use kernel::store::{Entry, Snapshot};
use kernel::{Fault, Internal, Key};

use crate::tables::{Change, events_of, pieces_of};
use crate::write::EVENT_OVERHEAD_BYTES;

/// Longest time between the first and the last event of a segment, in milliseconds. A reader that goes backwards relies on it.
pub const SPAN_MS_MAX: i64 = 60_000;
/// Where a segment is full, in bytes of its messages.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// Bytes of one piece of a long event.
const PIECE_BYTES: usize = 90 * 1024;

const INLINE: u8 = 1;
const PIECES: u8 = 2;

/// Where an event stands among all events: 44 bits of timestamp, 64 bits of ingestion number, 20 bits of index.
pub type Position = u128;

/// The position of an event.
pub fn position(timestamp_ms: i64, number: u64, index: usize) -> Position {
    let ms = u128::from(timestamp_ms.clamp(0, (1 << 44) - 1).unsigned_abs());
    ms << 84 | u128::from(number) << 20 | (index as u128 & 0xF_FFFF)
}

/// A stored event.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its place among all events.
    pub at: Position,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// When it came in.
    pub ingested_ms: i64,
    /// Text.
    pub message: String,
}

/// Adds the segments of `events`, which are in order of time, to a commit. `number` gives a fresh ingestion number for each.
pub fn write(
    change: &mut Change,
    uid: &str,
    events: &[LogEvent],
    ingested_ms: i64,
    mut number: impl FnMut() -> u64,
) {
    let mut rest = events;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let fits = |event: &&LogEvent| {
            bytes += event.message.len();
            event.timestamp_ms - first.timestamp_ms <= SPAN_MS_MAX && bytes <= SEGMENT_BYTES
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (events, tail) = rest.split_at(count);
        write_one(change, uid, events, ingested_ms, number());
        rest = tail;
    }
}

fn write_one(change: &mut Change, uid: &str, events: &[LogEvent], ingested_ms: i64, number: u64) {
    let first_ms = events[0].timestamp_ms.max(0);
    let key = segment_key(uid, first_ms, number);
    // A number is used once; should two processes ever draw the same one, the commit is made again with another.
    change.rely(key.clone(), None);
    let is_long = events[0].message.len() > SEGMENT_BYTES;
    let mut value = vec![if is_long { PIECES } else { INLINE }];
    value.extend(ingested_ms.to_be_bytes());
    for event in events {
        push_number(&mut value, event.timestamp_ms.max(0).abs_diff(first_ms));
        push_number(&mut value, event.message.len() as u64);
        if is_long {
            for (index, piece) in event.message.as_bytes().chunks(PIECE_BYTES).enumerate() {
                change.put_bytes(piece_key(uid, first_ms, number, index), piece.to_vec());
            }
        } else {
            value.extend(event.message.as_bytes());
        }
    }
    change.put_bytes(key, value);
}

/// Reads the events of one stored segment.
pub async fn read(snapshot: &dyn Snapshot, uid: &str, entry: &Entry) -> Result<Vec<Stored>, Fault> {
    let fault =
        || Internal::because(format!("the segment {:?} is not in a form that this version reads", entry.key));
    let (first_ms, number) = numbers(&entry.key).ok_or_else(fault)?;
    let (&format, rest) = entry.value.split_first().ok_or_else(fault)?;
    let (ingested, mut rest) = rest.split_first_chunk::<8>().ok_or_else(fault)?;
    if format != INLINE && format != PIECES {
        return Err(fault().into());
    }
    let ingested_ms = i64::from_be_bytes(*ingested);
    let mut events = Vec::new();
    while !rest.is_empty() {
        let delta = take_number(&mut rest).ok_or_else(fault)?;
        let length = usize::try_from(take_number(&mut rest).ok_or_else(fault)?).map_err(|_| fault())?;
        let bytes = match format {
            PIECES => read_pieces(snapshot, uid, (first_ms, number), length).await?,
            _ => {
                let (bytes, tail) = rest.split_at_checked(length).ok_or_else(fault)?;
                rest = tail;
                bytes.to_vec()
            }
        };
        let timestamp_ms = first_ms.saturating_add_unsigned(delta);
        let message = String::from_utf8(bytes).map_err(|_| fault())?;
        let at = position(timestamp_ms, number, events.len());
        events.push(Stored { at, timestamp_ms, ingested_ms, message });
    }
    Ok(events)
}

async fn read_pieces(
    snapshot: &dyn Snapshot,
    uid: &str,
    id: (i64, u64),
    length: usize,
) -> Result<Vec<u8>, Fault> {
    let keys: Vec<Key> =
        (0..length.div_ceil(PIECE_BYTES)).map(|index| piece_key(uid, id.0, id.1, index)).collect();
    let mut bytes = Vec::with_capacity(length);
    for piece in snapshot.get_many(&keys).await? {
        let piece = piece
            .ok_or_else(|| Internal::because(format!("a long event of the stream {uid} lacks a piece")))?;
        bytes.extend(&piece.value);
    }
    Ok(bytes)
}

/// The keys of a segment and of its pieces, for deleting it, and its bytes as AWS counts them, if all its events are older than `before_ms`.
pub fn expired(uid: &str, entry: &Entry, before_ms: i64) -> Option<(Vec<Key>, u64)> {
    let (first_ms, number) = numbers(&entry.key)?;
    let (&format, rest) = entry.value.split_first()?;
    let mut rest = rest.get(8..)?;
    let mut keys = vec![entry.key.clone()];
    let mut bytes = 0;
    while !rest.is_empty() {
        let delta = take_number(&mut rest)?;
        let length = usize::try_from(take_number(&mut rest)?).ok()?;
        bytes += (length + EVENT_OVERHEAD_BYTES) as u64;
        if first_ms.saturating_add_unsigned(delta) >= before_ms {
            return None;
        }
        match format {
            PIECES => keys.extend(
                (0..length.div_ceil(PIECE_BYTES)).map(|index| piece_key(uid, first_ms, number, index)),
            ),
            _ => rest = rest.get(length..)?,
        }
    }
    Some((keys, bytes))
}

/// Where a segment is.
pub fn segment_key(uid: &str, first_ms: i64, number: u64) -> Key {
    events_of(uid).number(first_ms.max(0).unsigned_abs()).number(number)
}

fn piece_key(uid: &str, first_ms: i64, number: u64, index: usize) -> Key {
    pieces_of(uid).number(first_ms.unsigned_abs()).number(number).number(index as u64)
}

/// First timestamp and ingestion number of a segment, from its key.
pub fn numbers(key: &Key) -> Option<(i64, u64)> {
    use kernel::key::Part::Number;
    match key.parts().as_slice() {
        [.., Number(first_ms), Number(number)] => Some((i64::try_from(*first_ms).ok()?, *number)),
        _ => None,
    }
}

fn push_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn take_number(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests;
