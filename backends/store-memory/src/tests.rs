//! The suite that every store passes, and what only this one promises.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_promises_of_a_store() {
    store_suite::store::check_all(|| Arc::new(MemoryStore::new())).await;
}

/// Writes `a` ten times and deletes it, with or without a snapshot held meanwhile, then writes something else.
async fn check(hold: bool, expect_held_before: usize, expect_held_after: usize) {
    let store = MemoryStore::new();
    let put = |name: &str| Batch {
        puts: vec![(Key::new().text(name), Bytes::from_static(b"x"))],
        ..Batch::default()
    };
    store.commit(put("a")).await.unwrap();
    let snapshot = hold.then(|| store.snapshot());
    for _ in 0..10 {
        store.commit(put("a")).await.unwrap();
    }
    store.commit(Batch { deletes: vec![Key::new().text("a")], ..Batch::default() }).await.unwrap();
    assert_eq!(store.values_held(), expect_held_before, "held: {hold}");
    drop(snapshot);
    store.commit(put("b")).await.unwrap();
    assert_eq!(store.values_held(), expect_held_after, "held: {hold}");
}

#[tokio::test]
async fn values_that_nobody_can_see_are_let_go() {
    check(false, 0, 1).await;
    check(true, 12, 1).await;
}
