//! How much one page of events holds: at most 10,000 events and 1 MB (AWS: GetLogEvents, FilterLogEvents).

use crate::segment::Stored;
use crate::write::EVENT_OVERHEAD_BYTES;

/// Most events on a page.
pub const EVENTS_MAX: usize = 10_000;
/// Most bytes on a page: messages, and 26 for each event.
const BYTES_MAX: usize = 1_048_576;

/// A page being filled.
pub struct Page {
    events_left: usize,
    bytes: usize,
}

impl Page {
    /// A page for at most `events` events.
    pub fn new(events: usize) -> Page {
        Page { events_left: events.min(EVENTS_MAX), bytes: 0 }
    }

    /// Counts an event, unless the page is full. The first event always fits.
    pub fn takes(&mut self, event: &Stored) -> bool {
        let bytes = self.bytes + event.message.len() + EVENT_OVERHEAD_BYTES;
        let fits = self.events_left > 0 && (self.bytes == 0 || bytes <= BYTES_MAX);
        if fits {
            self.events_left -= 1;
            self.bytes = bytes;
        }
        fits
    }
}
