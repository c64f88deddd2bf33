//! Room for environments on this machine: each holds a place while it lives, and there are so many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One more environment on this machine, until dropped.
pub struct Place(Arc<AtomicUsize>);

impl Place {
    /// A place, if fewer than `limit` are taken.
    pub fn take(count: &Arc<AtomicUsize>, limit: usize) -> Option<Place> {
        let take = |taken| (taken < limit).then_some(taken + 1);
        count.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok().map(|_| Place(Arc::clone(count)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
