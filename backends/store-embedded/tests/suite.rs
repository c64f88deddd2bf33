//! The embedded store against the suite of all stores, across reopening, and against the end of its process at any instant.

#![allow(clippy::unwrap_used, reason = "all of this file is test code")]

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use kernel::key::Key;
use kernel::store::{Batch, Store, StoreError};
use store_embedded::{EmbeddedStore, Options};
use store_suite::crash;

fn put(name: &str, value: &'static str) -> Batch {
    Batch { puts: vec![(Key::new().text(name), Bytes::from_static(value.as_bytes()))], ..Batch::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn check_all(options: impl Fn(&str) -> Options) {
    let data = tempfile::tempdir().unwrap();
    let made = Cell::new(0);
    let make = || -> Arc<dyn Store> {
        made.set(made.get() + 1);
        let name = format!("n{}", made.get());
        Arc::new(EmbeddedStore::open(data.path(), options(&name)).unwrap())
    };
    runtime().block_on(store_suite::store::check_all(make));
}

#[test]
fn it_keeps_the_promises_of_a_store() {
    check_all(Options::new);
}

#[test]
fn it_keeps_them_when_ephemeral() {
    check_all(|name| Options::new(name).ephemeral());
}

/// With so little memory, most of what is read comes from sorted files.
#[test]
fn it_keeps_them_out_of_files() {
    check_all(|name| Options { memtable_bytes: 16 << 10, cache_bytes: 64 << 10, ..Options::new(name) });
}

#[test]
fn all_is_there_after_reopening() {
    let data = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let mut last = 0;
        for round in 0..5 {
            let store = EmbeddedStore::open(data.path(), Options::new("control")).unwrap();
            let snapshot = store.snapshot();
            let entry = snapshot.get(&Key::new().text("kept")).await.unwrap();
            assert_eq!(entry.map(|entry| entry.version), (round > 0).then(|| last - 1), "round {round}");
            let kept = store.commit(put("kept", "x")).await.unwrap();
            assert!(kept > last, "a version came again: {kept} after {last}");
            // The last commit leaves no pair that could tell its number.
            let delete = Batch { deletes: vec![Key::new().text("gone")], ..Batch::default() };
            last = store.commit(delete).await.unwrap();
        }
    });
}

#[test]
fn a_closed_store_reads_and_does_not_commit() {
    let data = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = EmbeddedStore::open(data.path(), Options::new("control")).unwrap();
        store.commit(put("a", "1")).await.unwrap();
        store.close().await.unwrap();
        let refused = store.commit(put("a", "2")).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Failed(text) if text.contains("closed")), "{refused}");
        let entry = store.snapshot().get(&Key::new().text("a")).await.unwrap().unwrap();
        assert_eq!(entry.value, "1");
        assert!(store.close().await.is_err());
        assert_eq!(store.poisoned(), None);
    });
}

/// Whatever was handed over before the store is dropped is committed.
#[test]
fn dropping_loses_nothing_that_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = EmbeddedStore::open(data.path(), Options::new("control").ephemeral()).unwrap();
        for number in 0..500 {
            let key = Key::new().text("n").number(number);
            store
                .commit(Batch { puts: vec![(key, Bytes::from_static(b"x"))], ..Batch::default() })
                .await
                .unwrap();
        }
        drop(store);
        let store = EmbeddedStore::open(data.path(), Options::new("control")).unwrap();
        let found =
            store.snapshot().range(kernel::store::Range::prefix(&Key::new().text("n"), 1000)).await.unwrap();
        assert_eq!(found.len(), 500);
    });
}

#[test]
fn kill_nine_loses_nothing_acknowledged() {
    // Small enough that files are written, sorted and removed while the process is being killed.
    let options = || Options { memtable_bytes: 64 << 10, ..Options::new("control") };
    if let Some(folder) = crash::child_folder() {
        let store = Arc::new(EmbeddedStore::open(&folder, options()).unwrap());
        runtime().block_on(crash::write_store(store));
        return;
    }
    let runtime = runtime();
    let verify = |check: &mut crash::StoreCheck, folder: &Path, acknowledged: &[u64]| {
        let store = Arc::new(EmbeddedStore::open(folder, options()).unwrap());
        runtime.block_on(check.verify(store, acknowledged));
    };
    crash::kill_nine("kill_nine_loses_nothing_acknowledged", 100, verify);
}
