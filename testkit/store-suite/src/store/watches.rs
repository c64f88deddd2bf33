//! Watches: in this process, before the acknowledgement, and only of what is below the prefix.

use std::sync::{Arc, Mutex};

use kernel::key::Key;
use kernel::store::{Store, WatchGuard, event_key};

use super::{batch, commit, get, key};

type Heard = Arc<Mutex<Vec<Key>>>;

fn watch(store: &Arc<dyn Store>, prefix: Key) -> (Heard, WatchGuard) {
    let heard = Heard::default();
    let sink = heard.clone();
    let guard =
        store.watch(prefix, Arc::new(move |keys: &[Key]| sink.lock().unwrap().extend_from_slice(keys)));
    (heard, guard)
}

fn take(heard: &Heard) -> Vec<Key> {
    let mut keys = std::mem::take(&mut *heard.lock().unwrap());
    keys.sort();
    keys
}

pub(super) async fn before_acknowledgement(store: Arc<dyn Store>) {
    let (heard, _guard) = watch(&store, key("a"));
    for number in 0..20 {
        commit(&store, &format!("a/#{number}=x")).await;
        assert_eq!(take(&heard), [key("a").number(number)], "told only after the acknowledgement");
    }
    commit(&store, "-a/#3").await;
    assert_eq!(take(&heard), [key("a/#3")]);
}

pub(super) async fn only_below_the_prefix(store: Arc<dyn Store>) {
    let (below_a, _first) = watch(&store, key("a"));
    let (below_ab, _second) = watch(&store, key("a/b"));
    let (everything, _third) = watch(&store, Key::new());
    let (topic, _fourth) = watch(&store, Key::new().text("\u{1}events").text("t"));
    let version = commit(&store, "a=1 a/b=1 a/b/c=1 ab=1 b=1 t!x").await;
    let event = event_key("t", version << kernel::store::EVENTS_PER_COMMIT_BITS);
    assert_eq!(take(&below_a), [key("a"), key("a/b"), key("a/b/c")]);
    assert_eq!(take(&below_ab), [key("a/b"), key("a/b/c")]);
    assert_eq!(take(&topic), std::slice::from_ref(&event));
    assert_eq!(take(&everything), [event, key("a"), key("a/b"), key("a/b/c"), key("ab"), key("b")]);
    // What was not committed is not told.
    store.commit(batch("a? a=2")).await.unwrap_err();
    assert_eq!(take(&everything), []);
}

pub(super) async fn ends_with_its_guard(store: Arc<dyn Store>) {
    let (kept, _guard) = watch(&store, key("a"));
    let (ended, guard) = watch(&store, key("a"));
    commit(&store, "a=1").await;
    drop(guard);
    commit(&store, "a=2").await;
    assert_eq!(take(&ended).len(), 1);
    assert_eq!(take(&kept).len(), 2);
}

/// A cache that a watcher empties, and a reader that fills it from a snapshot taken after being told, never ends up with old state.
pub(super) async fn sees_what_it_is_told_of(store: Arc<dyn Store>) {
    let told = Arc::new(tokio::sync::Notify::new());
    let bell = told.clone();
    let _guard = store.watch(key("a"), Arc::new(move |_| bell.notify_one()));
    for number in 0..20 {
        let waiting = tokio::spawn({
            let (store, told) = (store.clone(), told.clone());
            async move {
                told.notified().await;
                get(&store.snapshot(), "a").await
            }
        });
        commit(&store, &format!("a={number}")).await;
        assert_eq!(waiting.await.unwrap(), Some(number.to_string()));
    }
}
