//! The checks that every `kernel::store::Store` passes.
//!
//! Each check gets an empty store of its own. They need a runtime with several threads, because some commit from many tasks at once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::key::Key;
use kernel::store::{Batch, Entry, Event, Expect, Range, Snapshot, Store, Version};

mod commits;
mod reads;
mod watches;

type Check = fn(Arc<dyn Store>) -> BoxFuture<'static, ()>;

/// The checks, by the names that failures show.
const CHECKS: &[(&str, Check)] = &[
    ("preconditions", |store| commits::preconditions(store).boxed()),
    ("all_or_nothing", |store| commits::all_or_nothing(store).boxed()),
    ("versions_grow", |store| commits::versions_grow(store).boxed()),
    ("a_commit_without_writes", |store| commits::a_commit_without_writes(store).boxed()),
    ("bytes_come_back", |store| commits::bytes_come_back(store).boxed()),
    ("limits", |store| commits::limits(store).boxed()),
    ("concurrent_increments", |store| commits::concurrent_increments(store).boxed()),
    ("one_winner", |store| commits::one_winner(store).boxed()),
    ("atomic_visibility", |store| reads::atomic_visibility(store).boxed()),
    ("snapshot_isolation", |store| reads::snapshot_isolation(store).boxed()),
    ("snapshots_outlive_the_store", |store| reads::snapshots_outlive_the_store(store).boxed()),
    ("get_many", |store| reads::get_many(store).boxed()),
    ("ranges", |store| reads::ranges(store).boxed()),
    ("a_long_range", |store| reads::a_long_range(store).boxed()),
    ("events", |store| reads::events(store).boxed()),
    ("events_are_deleted_by_their_key", |store| reads::events_are_deleted_by_their_key(store).boxed()),
    ("watch_before_acknowledgement", |store| watches::before_acknowledgement(store).boxed()),
    ("watch_only_below_the_prefix", |store| watches::only_below_the_prefix(store).boxed()),
    ("watch_ends_with_its_guard", |store| watches::ends_with_its_guard(store).boxed()),
    ("watch_sees_what_it_is_told_of", |store| watches::sees_what_it_is_told_of(store).boxed()),
];

/// Runs every check, each on a new store of `make`. Panics with the names of those that failed.
pub async fn check_all(make: impl Fn() -> Arc<dyn Store>) {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if AssertUnwindSafe(check(make())).catch_unwind().await.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "the store fails: {failed:?}; the messages stand above");
}

/// A key out of a path such as `a/b`; a part that starts with `#` is a number.
pub(crate) fn key(path: &str) -> Key {
    path.split('/').filter(|part| !part.is_empty()).fold(Key::new(), |key, part| {
        match part.strip_prefix('#') {
            Some(number) => key.number(number.parse().unwrap()),
            None => key.text(part),
        }
    })
}

/// A batch out of words: `a=1` puts, `-a` deletes, `a?` requires that nothing is there, `a@7` that commit 7 put it there,
/// `t!x` files the event `x` under the topic `t`.
pub(crate) fn batch(words: &str) -> Batch {
    let mut batch = Batch::default();
    for word in words.split_whitespace() {
        if let Some(path) = word.strip_prefix('-') {
            batch.deletes.push(key(path));
        } else if let Some(path) = word.strip_suffix('?') {
            batch.checks.push((key(path), Expect::Absent));
        } else if let Some((path, version)) = word.split_once('@') {
            batch.checks.push((key(path), Expect::At(version.parse().unwrap())));
        } else if let Some((path, value)) = word.split_once('=') {
            batch.puts.push((key(path), Bytes::copy_from_slice(value.as_bytes())));
        } else if let Some((topic, payload)) = word.split_once('!') {
            batch
                .events
                .push(Event { topic: topic.to_owned(), payload: Bytes::copy_from_slice(payload.as_bytes()) });
        } else {
            panic!("not a word of a batch: {word}");
        }
    }
    batch
}

/// Commits words, and must succeed.
pub(crate) async fn commit(store: &Arc<dyn Store>, words: &str) -> Version {
    store.commit(batch(words)).await.unwrap_or_else(|error| panic!("{words}: {error}"))
}

/// One value as text.
pub(crate) async fn get(snapshot: &Arc<dyn Snapshot>, path: &str) -> Option<String> {
    snapshot.get(&key(path)).await.unwrap().map(|entry| text(&entry.value))
}

/// Values of a range as text.
pub(crate) async fn values(snapshot: &Arc<dyn Snapshot>, range: Range) -> Vec<String> {
    let entries: Vec<Entry> = snapshot.range(range).await.unwrap();
    entries.iter().map(|entry| text(&entry.value)).collect()
}

pub(crate) fn text(value: &Bytes) -> String {
    String::from_utf8(value.to_vec()).unwrap()
}
