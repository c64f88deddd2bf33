//! Who wants to hear of changes below which prefix, in this process.
//!
//! A watcher is called on the thread that commits, after the change is visible and before it is acknowledged, with all keys at once.
//! A watcher that panics is logged and stays; it never harms the commit. A call that is under way when its guard is dropped still ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::key::Key;
use kernel::store::{WatchGuard, Watcher};

/// The watchers of one store.
#[derive(Default)]
pub struct Watchers {
    list: Arc<Mutex<List>>,
}

#[derive(Default)]
struct List {
    next_id: u64,
    /// Replaced, never changed, so that calls are made without holding the lock.
    watches: Arc<Vec<Watch>>,
}

#[derive(Clone)]
struct Watch {
    id: u64,
    prefix: Key,
    watcher: Watcher,
}

struct Guard {
    id: u64,
    list: Arc<Mutex<List>>,
}

impl Watchers {
    /// Adds a watcher, which hears of every later commit until the guard is dropped.
    pub fn add(&self, prefix: Key, watcher: Watcher) -> WatchGuard {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let id = list.next_id;
        list.next_id += 1;
        let mut watches = Vec::clone(&list.watches);
        watches.push(Watch { id, prefix, watcher });
        list.watches = Arc::new(watches);
        WatchGuard::new(Guard { id, list: self.list.clone() })
    }

    /// Calls everyone who watches one of `keys`, which must be sorted.
    pub fn notify(&self, keys: &[Key]) {
        let watches = self.list.lock().unwrap_or_else(PoisonError::into_inner).watches.clone();
        for watch in watches.iter() {
            let below = below(keys, &watch.prefix);
            if below.is_empty() {
                continue;
            }
            if catch_unwind(AssertUnwindSafe(|| (watch.watcher)(below))).is_err() {
                tracing::error!(prefix = ?watch.prefix, "a watcher of the store panicked");
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let watches: Vec<Watch> = list.watches.iter().filter(|watch| watch.id != self.id).cloned().collect();
        list.watches = Arc::new(watches);
    }
}

/// The part of the sorted `keys` that starts with `prefix`.
fn below<'a>(keys: &'a [Key], prefix: &Key) -> &'a [Key] {
    let start = keys.partition_point(|key| key < prefix);
    let rest = &keys[start..];
    &rest[..rest.partition_point(|key| key.starts_with(prefix))]
}

#[cfg(test)]
mod tests;
