//! Reading events in order: of one stream, or of many interleaved, forwards or backwards.
//!
//! A reader holds a few segments of each stream that it has reached, never a whole stream. The order is that of [`Position`]s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::Fault;
use kernel::store::{Range, Snapshot};

use crate::segment::{self, Position, SPAN_MS_MAX, Stored, position, segment_key};
use crate::tables::Stream;

/// Which way a reader goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Direction {
    /// Earliest first.
    Forward,
    /// Latest first.
    Backward,
}

/// What a reader gives: events from `start_ms` up to, not including, `end_ms`, and strictly between two positions.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// First millisecond.
    pub start_ms: i64,
    /// End, excluded.
    pub end_ms: i64,
    /// Only events after this one.
    pub after: Option<Position>,
    /// Only events before this one.
    pub before: Option<Position>,
}

impl Bounds {
    /// A time range without positions.
    pub fn times(start_ms: i64, end_ms: i64) -> Bounds {
        Bounds { start_ms: start_ms.max(0), end_ms, after: None, before: None }
    }

    /// The milliseconds to look at, which positions may narrow.
    fn span(&self) -> (i64, i64) {
        let ms = |at: Position| i64::try_from(at >> 84).unwrap_or(i64::MAX);
        let start = self.after.map_or(self.start_ms, |at| self.start_ms.max(ms(at)));
        let end = self.before.map_or(self.end_ms, |at| self.end_ms.min(ms(at).saturating_add(1)));
        (start, end)
    }

    fn holds(&self, event: &Stored) -> bool {
        (self.start_ms..self.end_ms).contains(&event.timestamp_ms)
            && self.after.is_none_or(|after| event.at > after)
            && self.before.is_none_or(|before| event.at < before)
    }
}

/// Most segments that one read of the store asks for.
const FETCH_MAX: usize = 128;

/// Reads one stream.
struct Cursor {
    uid: String,
    name: String,
    bounds: Bounds,
    direction: Direction,
    range: Option<Range>,
    waiting: BTreeMap<Position, Stored>,
    /// First timestamp of the segment fetched last.
    frontier_ms: i64,
}

impl Cursor {
    fn new(stream: &Stream, bounds: Bounds, direction: Direction, fetch: usize) -> Cursor {
        let (start_ms, end_ms) = bounds.span();
        let range = Range {
            start: segment_key(&stream.uid, start_ms.saturating_sub(SPAN_MS_MAX), 0),
            end: Some(segment_key(&stream.uid, end_ms, 0)),
            limit: fetch,
            descending: direction == Direction::Backward,
        };
        Cursor {
            uid: stream.uid.clone(),
            name: stream.name.clone(),
            bounds,
            direction,
            range: (start_ms < end_ms).then_some(range),
            waiting: BTreeMap::new(),
            frontier_ms: 0,
        }
    }

    /// The position of the next event, reading what it needs; and the bytes it read.
    async fn peek(
        &mut self,
        snapshot: &dyn Snapshot,
        scanned: &mut usize,
    ) -> Result<Option<Position>, Fault> {
        loop {
            let next = match self.direction {
                Direction::Forward => self.waiting.first_key_value(),
                Direction::Backward => self.waiting.last_key_value(),
            };
            let next = next.map(|(at, event)| (*at, event.timestamp_ms));
            let Some(range) = &mut self.range else { return Ok(next.map(|(at, _)| at)) };
            // An event is next for sure once no segment that is still to be read can hold an earlier (or later) one.
            let is_sure = |ms: i64| match self.direction {
                Direction::Forward => ms < self.frontier_ms,
                Direction::Backward => ms > self.frontier_ms.saturating_add(SPAN_MS_MAX),
            };
            if let Some((at, ms)) = next
                && is_sure(ms)
            {
                return Ok(Some(at));
            }
            let entries = snapshot.range(range.clone()).await?;
            for entry in &entries {
                *scanned += entry.value.len();
                for event in segment::read(snapshot, &self.uid, entry).await? {
                    if self.bounds.holds(&event) {
                        self.waiting.insert(event.at, event);
                    }
                }
            }
            match entries.last() {
                Some(last) if entries.len() == range.limit => {
                    self.frontier_ms = segment::numbers(&last.key).map_or(0, |(first_ms, _)| first_ms);
                    match self.direction {
                        Direction::Forward => {
                            let mut start = last.key.as_bytes().to_vec();
                            start.push(0);
                            range.start = kernel::Key::from_bytes(start);
                        }
                        Direction::Backward => range.end = Some(last.key.clone()),
                    }
                    range.limit = (range.limit * 2).min(FETCH_MAX);
                }
                _ => self.range = None,
            }
        }
    }

    fn pop(&mut self) -> Option<Stored> {
        let popped = match self.direction {
            Direction::Forward => self.waiting.pop_first(),
            Direction::Backward => self.waiting.pop_last(),
        };
        popped.map(|(_, event)| event)
    }
}

/// Reads many streams as one.
pub struct Reader {
    snapshot: Arc<dyn Snapshot>,
    cursors: Vec<Cursor>,
    /// Where each cursor's next event is at the earliest (or latest), and whether that is exact.
    heads: BTreeSet<(Position, usize, bool)>,
    direction: Direction,
    /// Bytes read from the store so far.
    pub scanned_bytes: usize,
}

impl Reader {
    /// A reader of `streams`; those that hold nothing within `bounds` are passed over without a look.
    pub fn new(
        snapshot: Arc<dyn Snapshot>,
        streams: &[Stream],
        bounds: Bounds,
        direction: Direction,
    ) -> Reader {
        let (start_ms, end_ms) = bounds.span();
        let overlapping: Vec<_> = streams
            .iter()
            .filter_map(|stream| Some((stream, stream.first_ms?, stream.last_ms?)))
            .filter(|&(_, first_ms, last_ms)| first_ms < end_ms && last_ms >= start_ms)
            .collect();
        let fetch = if overlapping.len() > 16 { 2 } else { 16 };
        let mut heads = BTreeSet::new();
        let mut cursors = Vec::with_capacity(overlapping.len());
        for (index, (stream, first_ms, last_ms)) in overlapping.into_iter().enumerate() {
            let head = match direction {
                Direction::Forward => position(first_ms, 0, 0),
                Direction::Backward => position(last_ms, u64::MAX, usize::MAX),
            };
            heads.insert((head, index, false));
            cursors.push(Cursor::new(stream, bounds, direction, fetch));
        }
        Reader { snapshot, cursors, heads, direction, scanned_bytes: 0 }
    }

    /// The next event and the name of its stream.
    pub async fn next(&mut self) -> Result<Option<(Stored, &str)>, Fault> {
        loop {
            let head = match self.direction {
                Direction::Forward => self.heads.pop_first(),
                Direction::Backward => self.heads.pop_last(),
            };
            let Some((_, index, is_exact)) = head else { return Ok(None) };
            let cursor = &mut self.cursors[index];
            let popped = if is_exact { cursor.pop() } else { None };
            if let Some(at) = cursor.peek(&*self.snapshot, &mut self.scanned_bytes).await? {
                self.heads.insert((at, index, true));
            }
            if let Some(event) = popped {
                return Ok(Some((event, &self.cursors[index].name)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
