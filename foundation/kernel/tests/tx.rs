//! Transactions over the memory store: what they see, what makes them conflict, and what they leave behind.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use kernel::store::{Range, Store};
use kernel::{Fault, Key, Record, Tx};
use serde::{Deserialize, Serialize};
use store_memory::MemoryStore;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    name: String,
    text: String,
}

impl Record for Note {
    const TABLE: &'static str = "notes";
    fn key(&self) -> Key {
        name(&self.name)
    }
}

fn name(name: &str) -> Key {
    Key::new().text(name)
}

fn note(name: &str, text: &str) -> Note {
    Note { name: name.to_owned(), text: text.to_owned() }
}

fn begin(store: &Arc<MemoryStore>) -> Tx {
    Tx::new(Arc::clone(store) as Arc<dyn Store>, Key::new().text("test"))
}

async fn put(store: &Arc<MemoryStore>, record: &Note) {
    let mut tx = begin(store);
    tx.put(record).unwrap();
    tx.commit().await.unwrap();
}

async fn keys(store: &Arc<MemoryStore>) -> usize {
    store.snapshot().range(Range::prefix(&Key::new(), 10_000)).await.unwrap().len()
}

#[tokio::test]
async fn it_sees_its_own_writes_and_deletions() {
    let store = Arc::new(MemoryStore::new());
    let mut tx = begin(&store);
    assert_eq!(tx.get::<Note>(&name("a")).await.unwrap(), None);
    tx.put(&note("a", "1")).unwrap();
    assert_eq!(tx.get::<Note>(&name("a")).await.unwrap(), Some(note("a", "1")));
    tx.delete::<Note>(&name("a"));
    assert_eq!(tx.get::<Note>(&name("a")).await.unwrap(), None);
    assert_eq!(tx.peek::<Note>(&name("a")).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(keys(&store).await, 0);
}

#[tokio::test]
async fn what_it_got_must_not_change() {
    let store = Arc::new(MemoryStore::new());
    put(&store, &note("a", "1")).await;
    for key in ["a", "absent"] {
        let mut tx = begin(&store);
        tx.get::<Note>(&name(key)).await.unwrap();
        put(&store, &note(key, "other")).await;
        tx.put(&note("b", "2")).unwrap();
        assert!(matches!(tx.commit().await, Err(Fault::Conflict)), "{key}");
    }
    let mut tx = begin(&store);
    tx.peek::<Note>(&name("a")).await.unwrap();
    put(&store, &note("a", "3")).await;
    tx.put(&note("b", "2")).unwrap();
    assert!(tx.commit().await.is_ok(), "what was only looked at may change");
}

#[tokio::test]
async fn lists_go_on_after_a_key() {
    let store = Arc::new(MemoryStore::new());
    for key in ["a", "b", "c"] {
        put(&store, &note(key, "")).await;
    }
    let tx = begin(&store);
    let names = |notes: Vec<Note>| notes.into_iter().map(|note| note.name).collect::<Vec<_>>();
    assert_eq!(names(tx.list(&Key::new(), None, 2).await.unwrap()), ["a", "b"]);
    assert_eq!(names(tx.list(&Key::new(), Some(&name("b")), 2).await.unwrap()), ["c"]);
    assert_eq!(names(tx.list(&name("b"), None, 9).await.unwrap()), ["b"]);
}

#[tokio::test]
async fn long_records_come_back_and_leave_no_pieces() {
    let store = Arc::new(MemoryStore::new());
    let long = |length: usize| note("a", &"ü".repeat(length));
    for length in [200_000, 90_000, 500_000] {
        put(&store, &long(length)).await;
        assert_eq!(begin(&store).peek::<Note>(&name("a")).await.unwrap(), Some(long(length)));
    }
    put(&store, &note("a", "short")).await;
    assert_eq!(keys(&store).await, 1, "a short record has no pieces");
    put(&store, &long(200_000)).await;
    let mut tx = begin(&store);
    tx.delete::<Note>(&name("a"));
    tx.commit().await.unwrap();
    assert_eq!(keys(&store).await, 0, "a deleted record leaves nothing");
}

#[tokio::test]
async fn a_long_record_can_be_got_after_it_was_put() {
    let store = Arc::new(MemoryStore::new());
    let long = note("a", &"x".repeat(300_000));
    let mut tx = begin(&store);
    tx.put(&long).unwrap();
    assert_eq!(tx.get::<Note>(&name("a")).await.unwrap(), Some(long));
}
