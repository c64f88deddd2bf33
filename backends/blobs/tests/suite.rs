//! Both blob stores against the suite of all, and the one in files against the end of its process at any instant.

#![allow(clippy::unwrap_used, reason = "all of this file is test code")]

use std::cell::Cell;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use blobs::{FileBlobs, MemoryBlobs};
use bytes::Bytes;
use kernel::blobs::Blobs;
use store_suite::crash;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

#[test]
fn memory_keeps_the_promises() {
    runtime().block_on(store_suite::blobs::check_all(|| Arc::new(MemoryBlobs::new())));
}

fn check_files(ephemeral: bool) {
    let root = tempfile::tempdir().unwrap();
    let made = Cell::new(0);
    let make = || -> Arc<dyn Blobs> {
        made.set(made.get() + 1);
        Arc::new(FileBlobs::open(&root.path().join(made.get().to_string()), ephemeral).unwrap())
    };
    runtime().block_on(store_suite::blobs::check_all(make));
    assert_eq!(files_below(root.path(), "unfinished"), 0, "nothing unfinished is left");
}

/// Files in the folders of that name.
fn files_below(root: &Path, name: &str) -> usize {
    std::fs::read_dir(root)
        .unwrap()
        .map(|store| std::fs::read_dir(store.unwrap().path().join(name)).unwrap().count())
        .sum()
}

#[test]
fn files_keep_the_promises() {
    check_files(false);
}

#[test]
fn files_keep_the_promises_when_ephemeral() {
    check_files(true);
}

#[test]
fn what_was_left_unfinished_is_removed() {
    let root = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let blobs = FileBlobs::open(root.path(), false).unwrap();
        blobs.put("a/b", Bytes::from_static(b"x")).await.unwrap();
        std::fs::write(root.path().join("unfinished/7"), "half").unwrap();
        let blobs = FileBlobs::open(root.path(), false).unwrap();
        assert_eq!(std::fs::read_dir(root.path().join("unfinished")).unwrap().count(), 0);
        assert_eq!(blobs.get("a/b").await.unwrap().as_deref(), Some(b"x".as_slice()));
        assert_eq!(blobs.list("", None, 10).await.unwrap(), ["a/b"]);
        // Folders go with their last blob.
        blobs.delete("a/b").await.unwrap();
        assert_eq!(std::fs::read_dir(root.path().join("data")).unwrap().count(), 0);
    });
}

/// A disk that does not take a blob: the error tells which, and nothing is left of it.
#[test]
fn a_failed_put_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let blobs = FileBlobs::open(root.path(), false).unwrap();
        symlink("/proc/nowhere", root.path().join("data/gone")).unwrap();
        let error = blobs.put("gone/b", Bytes::from_static(b"x")).await.unwrap_err().to_string();
        assert!(error.starts_with("writing blob gone/b: "), "{error}");
        assert_eq!(std::fs::read_dir(root.path().join("unfinished")).unwrap().count(), 0);
        blobs.put("other/b", Bytes::from_static(b"x")).await.unwrap();
    });
}

#[test]
fn kill_nine_loses_nothing_acknowledged() {
    if let Some(root) = crash::child_folder() {
        let blobs = Arc::new(FileBlobs::open(&root, false).unwrap());
        runtime().block_on(crash::write_blobs(blobs));
        return;
    }
    let runtime = runtime();
    let verify = |check: &mut crash::BlobCheck, root: &Path, acknowledged: &[u64]| {
        let blobs = Arc::new(FileBlobs::open(root, false).unwrap());
        runtime.block_on(check.verify(blobs, acknowledged));
        assert_eq!(std::fs::read_dir(root.join("unfinished")).unwrap().count(), 0);
    };
    crash::kill_nine("kill_nine_loses_nothing_acknowledged", 100, verify);
}
