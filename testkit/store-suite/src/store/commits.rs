//! Commits: preconditions, atomicity, versions, limits, and many writers at once.

use std::sync::Arc;

use bytes::Bytes;
use kernel::key::Key;
use kernel::limits::{BATCH_BYTES_MAX, KEY_BYTES_MAX, VALUE_BYTES_MAX};
use kernel::store::{Batch, EVENTS_PER_COMMIT_BITS, Event, Expect, Store, StoreError};

use super::{batch, commit, get, key, text};

const WRITERS: u64 = 8;
const INCREMENTS: u64 = 25;

pub(super) async fn preconditions(store: Arc<dyn Store>) {
    let first = commit(&store, "a? a=1").await;
    let conflict = async |words: &str| {
        let result = store.commit(batch(words)).await;
        assert!(matches!(result, Err(StoreError::Conflict)), "{words}: {result:?}");
    };
    conflict("a? a=2").await;
    conflict(&format!("a@{} a=2", first + 1)).await;
    conflict(&format!("b@{first} a=2")).await;
    let second = commit(&store, &format!("a@{first} b? a=2")).await;
    conflict(&format!("a@{first} a=3")).await;
    commit(&store, &format!("a@{second} -a")).await;
    conflict(&format!("a@{second} a=3")).await;
    commit(&store, "a? a=4").await;
    assert_eq!(get(&store.snapshot(), "a").await.as_deref(), Some("4"));
}

pub(super) async fn all_or_nothing(store: Arc<dyn Store>) {
    commit(&store, "a=1 b=1").await;
    let result = store.commit(batch("a? a=2 c=2 -b t!x")).await;
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
    // The check that holds does not save the one that does not.
    let result = store.commit(batch("c? a? d=2")).await;
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
    let snapshot = store.snapshot();
    assert_eq!(get(&snapshot, "a").await.as_deref(), Some("1"));
    assert_eq!(get(&snapshot, "b").await.as_deref(), Some("1"));
    assert_eq!(get(&snapshot, "c").await, None);
    assert_eq!(get(&snapshot, "d").await, None);
    assert_eq!(snapshot.events("t", 0, 10).await.unwrap(), []);
}

pub(super) async fn versions_grow(store: Arc<dyn Store>) {
    let mut last = 0;
    for words in ["a=1", "a=2 b=2", "-a", "-never", "t!x", "a=3"] {
        let version = commit(&store, words).await;
        assert!(version > last, "{words}: {version} after {last}");
        last = version;
    }
    let snapshot = store.snapshot();
    assert_eq!(snapshot.get(&key("a")).await.unwrap().unwrap().version, last);
    // What a later commit did not touch keeps its own version.
    assert!(snapshot.get(&key("b")).await.unwrap().unwrap().version < last);
}

pub(super) async fn a_commit_without_writes(store: Arc<dyn Store>) {
    let first = commit(&store, "a=1").await;
    store.commit(batch(&format!("a@{first} b?"))).await.unwrap();
    let result = store.commit(batch("a?")).await;
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
    assert!(commit(&store, "a=2").await > first);
}

pub(super) async fn bytes_come_back(store: Arc<dyn Store>) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let long_key = Key::new().text(&"k".repeat(KEY_BYTES_MAX - 3));
    assert_eq!(long_key.as_bytes().len(), KEY_BYTES_MAX);
    let pairs = [
        (key("empty"), Bytes::new()),
        (key("zero\0inside"), Bytes::from_static(b"\0")),
        (key("every"), Bytes::from(every_byte)),
        (key("#0"), Bytes::from_static(b"zero")),
        (key("#18446744073709551615"), Bytes::from_static(b"most")),
        (key(""), Bytes::from_static(b"nothing can be here")),
        (long_key, Bytes::from(vec![7; VALUE_BYTES_MAX])),
    ];
    let storable: Vec<_> = pairs.iter().filter(|(key, _)| !key.as_bytes().is_empty()).cloned().collect();
    store.commit(Batch { puts: storable.clone(), ..Batch::default() }).await.unwrap();
    let snapshot = store.snapshot();
    for (key, value) in storable {
        let entry = snapshot.get(&key).await.unwrap().unwrap_or_else(|| panic!("{key:?} is missing"));
        assert_eq!((entry.key, entry.value), (key, value));
    }
    assert_eq!(snapshot.get(&Key::new()).await.unwrap(), None, "the empty key holds nothing");
    assert_eq!(snapshot.get(&key("not there")).await.unwrap(), None);
}

pub(super) async fn limits(store: Arc<dyn Store>) {
    let too_large = async |batch: Batch, expect: &str| match store.commit(batch).await {
        Err(StoreError::TooLarge { what, bytes, limit }) => {
            assert_eq!(what, expect);
            assert!(bytes > limit, "{bytes} is not over {limit}");
        }
        other => panic!("{expect}: {other:?}"),
    };
    let put = |key: Key, value: Bytes| Batch { puts: vec![(key, value)], ..Batch::default() };
    let long_key = Key::new().text(&"k".repeat(KEY_BYTES_MAX));
    too_large(put(long_key.clone(), Bytes::new()), "key").await;
    too_large(Batch { deletes: vec![long_key], ..Batch::default() }, "key").await;
    too_large(put(key("a"), Bytes::from(vec![0; VALUE_BYTES_MAX + 1])), "value").await;
    let event = |topic: String, bytes: usize| Event { topic, payload: Bytes::from(vec![0; bytes]) };
    too_large(Batch { events: vec![event("t".into(), VALUE_BYTES_MAX + 1)], ..Batch::default() }, "value")
        .await;
    too_large(Batch { events: vec![event("t".repeat(KEY_BYTES_MAX), 1)], ..Batch::default() }, "key").await;
    let value = Bytes::from(vec![0; VALUE_BYTES_MAX]);
    let puts = (0..=BATCH_BYTES_MAX / VALUE_BYTES_MAX)
        .map(|n| (key("big").number(n as u64), value.clone()))
        .collect();
    too_large(Batch { puts, ..Batch::default() }, "batch").await;

    let failed = async |batch: Batch, part: &str| match store.commit(batch).await {
        Err(StoreError::Failed(text)) => assert!(text.contains(part), "{text}"),
        other => panic!("{part}: {other:?}"),
    };
    failed(put(Key::new(), Bytes::new()), "empty key").await;
    failed(batch("a=1 a=2"), "twice").await;
    failed(batch("a=1 -a"), "twice").await;
    let events = vec![event("t".into(), 1); (1 << EVENTS_PER_COMMIT_BITS) + 1];
    failed(Batch { events, ..Batch::default() }, "4096 events, not 4097").await;

    // Nothing of all that was written, and the store still works.
    assert_eq!(get(&store.snapshot(), "a").await, None);
    assert_eq!(store.snapshot().events("t", 0, 1).await.unwrap(), []);
    commit(&store, "a=1").await;
    // A batch of many values is one commit.
    let puts = (0..200).map(|n| (key("wide").number(n), value.clone())).collect();
    store.commit(Batch { puts, ..Batch::default() }).await.unwrap();
    let last = store.snapshot().get(&key("wide").number(199)).await.unwrap().unwrap();
    assert_eq!(last.value.len(), VALUE_BYTES_MAX);
}

pub(super) async fn concurrent_increments(store: Arc<dyn Store>) {
    let increment = async |store: &Arc<dyn Store>| {
        loop {
            let entry = store.snapshot().get(&key("counter")).await.unwrap();
            let (expect, count) = match entry {
                Some(entry) => (Expect::At(entry.version), text(&entry.value).parse::<u64>().unwrap()),
                None => (Expect::Absent, 0),
            };
            let mut batch = batch(&format!("counter={}", count + 1));
            batch.checks.push((key("counter"), expect));
            match store.commit(batch).await {
                Ok(_) => return,
                Err(StoreError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..INCREMENTS {
                    increment(&store).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(get(&store.snapshot(), "counter").await, Some((WRITERS * INCREMENTS).to_string()));
}

pub(super) async fn one_winner(store: Arc<dyn Store>) {
    for round in 0..10 {
        let attempts = (0..WRITERS).map(|writer| {
            let store = store.clone();
            tokio::spawn(
                async move { store.commit(batch(&format!("name{round}? name{round}={writer}"))).await },
            )
        });
        let mut winners = Vec::new();
        for (writer, attempt) in attempts.collect::<Vec<_>>().into_iter().enumerate() {
            match attempt.await.unwrap() {
                Ok(_) => winners.push(writer.to_string()),
                Err(StoreError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        assert_eq!(get(&store.snapshot(), &format!("name{round}")).await.as_ref(), winners.first());
    }
}
