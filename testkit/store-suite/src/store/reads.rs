//! Reads: one moment per snapshot, ranges, and the events of a topic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use kernel::key::Key;
use kernel::store::{Batch, EVENTS_PER_COMMIT_BITS, Position, Range, Store, event_key};

use super::{commit, get, key, text, values};

pub(super) async fn atomic_visibility(store: Arc<dyn Store>) {
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (store, done) = (store.clone(), done.clone());
        async move {
            let mut last = None;
            while !done.load(Ordering::Acquire) {
                let snapshot = store.snapshot();
                let seen = (get(&snapshot, "left").await, get(&snapshot, "right").await);
                assert_eq!(seen.0, seen.1, "half of a commit is visible");
                let number = seen.0.map(|text| text.parse::<u64>().unwrap());
                assert!(number >= last, "{number:?} after {last:?}");
                last = number;
                tokio::task::yield_now().await;
            }
        }
    });
    for number in 0..50 {
        commit(&store, &format!("left={number} right={number}")).await;
    }
    done.store(true, Ordering::Release);
    reader.await.unwrap();
}

pub(super) async fn snapshot_isolation(store: Arc<dyn Store>) {
    let nothing = store.snapshot();
    commit(&store, "a=1 b=1 t!x").await;
    let before = store.snapshot();
    commit(&store, "a=2 -b c=2 t!y").await;
    let between = store.snapshot();
    commit(&store, "-a b=3 -c").await;
    let all = Range { start: key("a"), end: Some(key("d")), limit: 10, descending: false };
    for (name, snapshot, expect, events) in [
        ("nothing", &nothing, vec![], 0),
        ("before", &before, vec!["1", "1"], 1),
        ("between", &between, vec!["2", "2"], 2),
        ("after", &store.snapshot(), vec!["3"], 2),
    ] {
        assert_eq!(values(snapshot, all.clone()).await, expect, "{name}");
        assert_eq!(snapshot.events("t", 0, 10).await.unwrap().len(), events, "{name}");
    }
    assert_eq!(get(&before, "b").await.as_deref(), Some("1"));
    assert_eq!(get(&between, "b").await, None);
}

pub(super) async fn snapshots_outlive_the_store(store: Arc<dyn Store>) {
    commit(&store, "a=1").await;
    let snapshot = store.snapshot();
    drop(store);
    assert_eq!(get(&snapshot, "a").await.as_deref(), Some("1"));
}

pub(super) async fn get_many(store: Arc<dyn Store>) {
    commit(&store, "a=1 b=2 c=3").await;
    let keys = ["c", "none", "a", "a"].map(key);
    let found = store.snapshot().get_many(&keys).await.unwrap();
    let found: Vec<_> = found.iter().map(|entry| entry.as_ref().map(|entry| text(&entry.value))).collect();
    assert_eq!(found, [Some("3".into()), None, Some("1".into()), Some("1".into())]);
    assert_eq!(store.snapshot().get_many(&[]).await.unwrap(), []);
}

pub(super) async fn ranges(store: Arc<dyn Store>) {
    commit(&store, "a/#1=a1 a/#2=a2 a/#10=a10 a/#300=a300 ab/#1=ab1 b/x=bx b/x/y=bxy b/xy=b-xy").await;
    let snapshot = store.snapshot();
    let check = async |start: &str, end: Option<&str>, limit: usize, expect: &[&str]| {
        let ascending = Range { start: key(start), end: end.map(key), limit, descending: false };
        assert_eq!(values(&snapshot, ascending.clone()).await, expect, "{ascending:?}");
        // Backwards, a limit keeps the other end; without one it is the same the other way round.
        let mut backwards = values(&snapshot, Range { descending: true, ..ascending.clone() }).await;
        if backwards.len() < limit {
            backwards.reverse();
            assert_eq!(backwards, expect, "descending {ascending:?}");
        }
    };
    check("a/#1", Some("a/#10"), 10, &["a1", "a2"]).await;
    check("a/#2", Some("a/#301"), 10, &["a2", "a10", "a300"]).await;
    check("a/#1", Some("a/#301"), 2, &["a1", "a2"]).await;
    check("a/#1", Some("a/#301"), 0, &[]).await;
    check("a/#10", Some("a/#10"), 10, &[]).await;
    check("a/#300", Some("a/#1"), 10, &[]).await;
    check("b", None, 10, &["bx", "bxy", "b-xy"]).await;
    check("", None, 100, &["a1", "a2", "a10", "a300", "ab1", "bx", "bxy", "b-xy"]).await;
    check("c", None, 10, &[]).await;

    let prefix = async |path: &str, limit: usize| values(&snapshot, Range::prefix(&key(path), limit)).await;
    assert_eq!(prefix("a", 10).await, ["a1", "a2", "a10", "a300"]);
    assert_eq!(prefix("b/x", 10).await, ["bx", "bxy"]);
    assert_eq!(prefix("b", 1).await, ["bx"]);
    let newest = Range { descending: true, ..Range::prefix(&key("a"), 2) };
    assert_eq!(values(&snapshot, newest).await, ["a300", "a10"]);
    let below_ten = Range { start: key("a/#1"), end: Some(key("a/#10")), limit: 1, descending: true };
    assert_eq!(values(&snapshot, below_ten).await, ["a2"]);

    // Entries carry their key and version.
    let entries = snapshot.range(Range::prefix(&key("ab"), 1)).await.unwrap();
    assert_eq!(entries[0].key, key("ab/#1"));
    assert_eq!(
        Some(entries[0].version),
        snapshot.get(&key("ab/#1")).await.unwrap().map(|entry| entry.version)
    );
}

pub(super) async fn a_long_range(store: Arc<dyn Store>) {
    const PAIRS: u64 = 3000;
    for half in [0, 1] {
        let puts = (0..PAIRS).filter(|number| number % 2 == half);
        let puts = puts.map(|number| (key("n").number(number), Bytes::from(number.to_string()))).collect();
        store.commit(Batch { puts, ..Batch::default() }).await.unwrap();
    }
    let snapshot = store.snapshot();
    let delete = (0..PAIRS).step_by(3).map(|number| key("n").number(number)).collect();
    store.commit(Batch { deletes: delete, ..Batch::default() }).await.unwrap();
    for (limit, descending) in
        [(usize::MAX, false), (usize::MAX, true), (2500, false), (2500, true), (256, false)]
    {
        let range = Range { descending, ..Range::prefix(&key("n"), limit) };
        let mut expect: Vec<u64> = (0..PAIRS).collect();
        if descending {
            expect.reverse();
        }
        let kept = |number: &u64| !number.is_multiple_of(3);
        let numbers =
            |values: Vec<String>| values.iter().map(|text| text.parse::<u64>().unwrap()).collect::<Vec<_>>();
        let then = numbers(values(&snapshot, range.clone()).await);
        assert!(then.iter().eq(expect.iter().take(limit)), "{limit} {descending}: {} of before", then.len());
        let now = numbers(values(&store.snapshot(), range).await);
        assert!(
            now.iter().eq(expect.iter().filter(|n| kept(n)).take(limit)),
            "{limit} {descending}: {} of now",
            now.len()
        );
    }
}

pub(super) async fn events(store: Arc<dyn Store>) {
    let first = commit(&store, "t!a t!b other!z t!c").await;
    let second = commit(&store, "x=1 t!d").await;
    commit(&store, "t2!y").await;
    let all = store.snapshot().events("t", 0, 10).await.unwrap();
    let position = |version: u64, index: u64| (version << EVENTS_PER_COMMIT_BITS) + index;
    let expect: [(Position, &str); 4] = [
        (position(first, 0), "a"),
        (position(first, 1), "b"),
        (position(first, 3), "c"),
        (position(second, 0), "d"),
    ];
    assert_eq!(all, expect.map(|(position, payload)| (position, Bytes::from(payload))));
    for (index, (position, _)) in all.iter().enumerate() {
        let later = store.snapshot().events("t", *position, 10).await.unwrap();
        assert_eq!(later, all[index + 1..], "after {position}");
    }
    assert_eq!(store.snapshot().events("t", 0, 2).await.unwrap(), all[..2]);
    assert_eq!(store.snapshot().events("t", 0, 0).await.unwrap(), []);
    assert_eq!(store.snapshot().events("t", Position::MAX, 10).await.unwrap(), []);
    assert_eq!(store.snapshot().events("none", 0, 10).await.unwrap(), []);
}

pub(super) async fn events_are_deleted_by_their_key(store: Arc<dyn Store>) {
    commit(&store, "t!a t!b t!c").await;
    let all = store.snapshot().events("t", 0, 10).await.unwrap();
    let deletes: Vec<Key> = all[..2].iter().map(|(position, _)| event_key("t", *position)).collect();
    store.commit(Batch { deletes, ..Batch::default() }).await.unwrap();
    assert_eq!(store.snapshot().events("t", 0, 10).await.unwrap(), all[2..]);
}
