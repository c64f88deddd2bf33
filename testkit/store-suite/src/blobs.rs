//! The checks that every `kernel::blobs::Blobs` passes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::blobs::{BlobError, Blobs};

type Check = fn(Arc<dyn Blobs>) -> BoxFuture<'static, ()>;

/// The checks, by the names that failures show.
const CHECKS: &[(&str, Check)] = &[
    ("put_get_delete", |blobs| put_get_delete(blobs).boxed()),
    ("ranges", |blobs| ranges(blobs).boxed()),
    ("names", |blobs| names(blobs).boxed()),
    ("a_blob_and_blobs_below_its_name", |blobs| a_blob_and_blobs_below_its_name(blobs).boxed()),
    ("list", |blobs| list(blobs).boxed()),
    ("list_in_pages", |blobs| list_in_pages(blobs).boxed()),
    ("replaced_whole", |blobs| replaced_whole(blobs).boxed()),
    ("put_and_delete_side_by_side", |blobs| put_and_delete_side_by_side(blobs).boxed()),
];

/// Runs every check, each on a new blob store of `make`. Panics with the names of those that failed.
pub async fn check_all(make: impl Fn() -> Arc<dyn Blobs>) {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if AssertUnwindSafe(check(make())).catch_unwind().await.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "the blob store fails: {failed:?}; the messages stand above");
}

async fn put(blobs: &Arc<dyn Blobs>, name: &str, text: &str) {
    blobs
        .put(name, Bytes::copy_from_slice(text.as_bytes()))
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"));
}

async fn get(blobs: &Arc<dyn Blobs>, name: &str) -> Option<String> {
    let bytes = blobs.get(name).await.unwrap_or_else(|error| panic!("{name}: {error}"))?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

async fn put_get_delete(blobs: Arc<dyn Blobs>) {
    assert_eq!(get(&blobs, "a/b").await, None);
    blobs.delete("a/b").await.unwrap();
    put(&blobs, "a/b", "one").await;
    put(&blobs, "empty", "").await;
    assert_eq!(get(&blobs, "a/b").await.as_deref(), Some("one"));
    assert_eq!(get(&blobs, "empty").await.as_deref(), Some(""));
    put(&blobs, "a/b", "two, longer").await;
    assert_eq!(get(&blobs, "a/b").await.as_deref(), Some("two, longer"));
    put(&blobs, "a/b", "3").await;
    assert_eq!(get(&blobs, "a/b").await.as_deref(), Some("3"));
    blobs.delete("a/b").await.unwrap();
    blobs.delete("a/b").await.unwrap();
    assert_eq!(get(&blobs, "a/b").await, None);
    let large = Bytes::from((0..3_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<u8>>());
    blobs.put("large", large.clone()).await.unwrap();
    assert!(blobs.get("large").await.unwrap() == Some(large), "a large blob comes back as it was");
}

async fn ranges(blobs: Arc<dyn Blobs>) {
    put(&blobs, "digits", "0123456789").await;
    for (start, end, expect) in [
        (0, 10, "0123456789"),
        (3, 5, "34"),
        (0, 0, ""),
        (9, 100, "9"),
        (10, 20, ""),
        (50, 60, ""),
        (5, 3, ""),
        (2, u64::MAX, "23456789"),
        (u64::MAX - 1, u64::MAX, ""),
    ] {
        let bytes = blobs.get_range("digits", start, end).await.unwrap();
        assert_eq!(bytes, Some(Bytes::from(expect)), "{start}..{end}");
    }
    assert_eq!(blobs.get_range("none", 0, 10).await.unwrap(), None);
}

async fn names(blobs: Arc<dyn Blobs>) {
    let long = "n".repeat(200);
    for name in ["a", "a.b-c_d=e", ".hidden", "...", "A/b/C/9", "=", "-", "tmp/x", "data", long.as_str()] {
        put(&blobs, name, name).await;
        assert_eq!(get(&blobs, name).await.as_deref(), Some(name));
    }
    let too_long = "n".repeat(201);
    let too_deep = "d/".repeat(512) + "d";
    let bad = [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/..", "./a", "a b", "a\\b", "a\0b", "ä",
        "a%2e", "a:b", "~a", "a@b", "a\nb", &too_long, &too_deep,
    ];
    for name in bad {
        let is_bad = |error: BlobError| matches!(error, BlobError::BadName(_));
        assert!(blobs.put(name, Bytes::new()).await.is_err_and(is_bad), "put {name:?}");
        assert!(blobs.get(name).await.is_err_and(is_bad), "get {name:?}");
        assert!(blobs.get_range(name, 0, 1).await.is_err_and(is_bad), "get_range {name:?}");
        assert!(blobs.delete(name).await.is_err_and(is_bad), "delete {name:?}");
        // A prefix may be empty, and may end in the slash of its last segment.
        if !name.is_empty() && name != "a/" {
            assert!(blobs.list(name, None, 1).await.is_err_and(is_bad), "list {name:?}");
        }
    }
}

async fn a_blob_and_blobs_below_its_name(blobs: Arc<dyn Blobs>) {
    for name in ["a/b/c", "a", "a/b", "a/b/c/d"] {
        put(&blobs, name, name).await;
    }
    blobs.delete("a/b").await.unwrap();
    for (name, is_there) in
        [("a", true), ("a/b", false), ("a/b/c", true), ("a/b/c/d", true), ("a/b/c/d/e", false)]
    {
        assert_eq!(get(&blobs, name).await.as_deref(), is_there.then_some(name));
    }
}

async fn list(blobs: Arc<dyn Blobs>) {
    let mut all = ["a", "a-b", "a-b/x", "a.c", "a/1", "a/1/2", "a/1-2", "a/b/c", "ab", "b/x", "Z"];
    for name in all {
        put(&blobs, name, name).await;
    }
    put(&blobs, "gone/x", "").await;
    blobs.delete("gone/x").await.unwrap();
    all.sort_unstable();
    let check = async |prefix: &str, after: Option<&str>, limit: usize, expect: &[&str]| {
        let names = blobs.list(prefix, after, limit).await.unwrap();
        assert_eq!(names, expect, "{prefix:?} after {after:?} limit {limit}");
    };
    check("", None, 100, &all).await;
    check("", None, 3, &all[..3]).await;
    check("", None, 0, &[]).await;
    check("a", None, 100, &["a/1", "a/1-2", "a/1/2", "a/b/c"]).await;
    check("a/", None, 100, &["a/1", "a/1-2", "a/1/2", "a/b/c"]).await;
    check("a/1", None, 100, &["a/1/2"]).await;
    check("a", Some("a/1"), 100, &["a/1-2", "a/1/2", "a/b/c"]).await;
    check("a", Some("a/1-"), 1, &["a/1-2"]).await;
    check("a", Some("a/b/c"), 100, &[]).await;
    check("a", Some("Z"), 2, &["a/1", "a/1-2"]).await;
    check("gone", None, 100, &[]).await;
    check("none", None, 100, &[]).await;
}

async fn list_in_pages(blobs: Arc<dyn Blobs>) {
    let mut all: Vec<String> = (0..60).map(|n| format!("p/{}/{}", n % 7, n)).collect();
    for name in &all {
        put(&blobs, name, "").await;
    }
    all.sort();
    let mut pages: Vec<String> = Vec::new();
    loop {
        let page = blobs.list("p", pages.last().map(String::as_str), 7).await.unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        pages.extend(page);
    }
    assert_eq!(pages, all);
}

/// Readers see one of the contents that were put, never a mixture and never nothing.
async fn replaced_whole(blobs: Arc<dyn Blobs>) {
    let content = |n: u8| Bytes::from(vec![n; 10_000 + usize::from(n) * 1000]);
    blobs.put("same", content(0)).await.unwrap();
    let writers: Vec<_> = (1..4_u8)
        .map(|n| {
            let blobs = blobs.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    blobs.put("same", content(n)).await.unwrap();
                }
            })
        })
        .collect();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let bytes = blobs.get("same").await.unwrap().expect("a blob that is replaced is always there");
        assert!(bytes == content(bytes[0]), "a torn blob of {} bytes", bytes.len());
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Deleting the last blob below a prefix while others are put there loses nothing.
async fn put_and_delete_side_by_side(blobs: Arc<dyn Blobs>) {
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let blobs = blobs.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let name = format!("deep/er/{}/{task}", round % 2);
                    put(&blobs, &name, "x").await;
                    assert_eq!(get(&blobs, &name).await.as_deref(), Some("x"));
                    blobs.delete(&name).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(blobs.list("deep", None, 10).await.unwrap().is_empty());
}
