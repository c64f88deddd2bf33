//! The end of a process at any instant: what was acknowledged is there afterwards, and nothing is torn.
//!
//! A test calls [`kill_nine`]; it starts the test itself again as a child, which works on one folder and prints the number of
//! everything that was acknowledged. The child is killed (SIGKILL) at a moment that differs from round to round, the folder is opened again and
//! looked through, and the next round goes on in it. The moments come from a fixed sequence, but what the child had done by then does not.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kernel::blobs::Blobs;
use kernel::key::Key;
use kernel::store::{Batch, EVENTS_PER_COMMIT_BITS, Entry, Event, Expect, Range, Store, Version, event_key};

/// Tells a test that it is the child, and the folder to work on.
const CHILD_FOLDER: &str = "STORE_SUITE_CRASH_FOLDER";
const WRITERS: u64 = 8;
/// So many rounds work on one folder.
const ROUNDS_IN_FOLDER: u64 = 20;
/// So many numbered commits stay from round to round.
const KEPT: usize = 200;
/// Longest that a child works before it is killed, ms.
const WORK_MS_MAX: u64 = 40;

/// The folder to work on, if this process is the child of [`kill_nine`].
pub fn child_folder() -> Option<PathBuf> {
    std::env::var_os(CHILD_FOLDER).map(PathBuf::from)
}

/// Runs the test named `test` of this very binary again and again as a child and kills it; `verify` gets the numbers that the child
/// acknowledged in this round and must look through the folder. `check` is what it remembers from round to round of one folder.
pub fn kill_nine<C: Default>(test: &str, rounds: u64, verify: impl Fn(&mut C, &Path, &[u64])) {
    let parent = std::env::temp_dir().join(format!("store-suite-{}", std::process::id()));
    let mut total = 0;
    let mut check = C::default();
    for round in 0..rounds {
        let folder = parent.join((round / ROUNDS_IN_FOLDER).to_string());
        if round % ROUNDS_IN_FOLDER == 0 {
            std::fs::create_dir_all(&folder).unwrap();
            check = C::default();
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD_FOLDER, &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some rounds end while the store is still being made or opened; the others some time after the first acknowledgement.
        // The test harness writes its own words before the first of them, on the same line.
        let number = |line: String| line.rsplit_once("ack ")?.1.parse::<u64>().ok();
        let mut lines = lines.map_while(Result::ok).filter_map(number);
        let mut acknowledged = Vec::new();
        let while_opening = round % 5 == 0;
        if !while_opening {
            acknowledged.extend(lines.next());
            assert!(
                !acknowledged.is_empty(),
                "round {round}: the child ended before its first acknowledgement"
            );
        }
        std::thread::sleep(Duration::from_micros(scatter(round) % (WORK_MS_MAX * 1000)));
        child.kill().unwrap();
        acknowledged.extend(lines);
        let status = child.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9),
            "round {round}: {status}"
        );
        total += acknowledged.len();
        verify(&mut check, &folder, &acknowledged);
    }
    std::fs::remove_dir_all(&parent).unwrap();
    println!("{rounds} rounds, {total} acknowledged");
}

/// What the child of a store test does until it is killed: numbered commits from several tasks.
pub async fn write_store(store: Arc<dyn Store>) {
    let from = newest(&store).await;
    let next = Arc::new(AtomicU64::new(from + 1));
    let writers = (0..WRITERS).map(|_| {
        let (store, next) = (store.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                store
                    .commit(numbered(number))
                    .await
                    .unwrap_or_else(|error| panic!("commit {number}: {error}"));
                acknowledge(number);
            }
        })
    });
    futures_util::future::join_all(writers).await;
}

/// What must be in a store that is looked through after each round.
#[derive(Default)]
pub struct StoreCheck {
    /// Numbers that were found there and not deleted since.
    kept: BTreeSet<u64>,
    /// The largest version that there was.
    version: Version,
}

impl StoreCheck {
    /// Looks through a store that [`write_store`] worked on, and deletes all but the newest [`KEPT`] numbers.
    pub async fn verify(&mut self, store: Arc<dyn Store>, acknowledged: &[u64]) {
        let snapshot = store.snapshot();
        let all = |side: &str| Range::prefix(&Key::new().text(side), usize::MAX);
        let left = snapshot.range(all("left")).await.unwrap();
        let right = snapshot.range(all("right")).await.unwrap();
        let events = snapshot.events("numbers", 0, usize::MAX).await.unwrap();
        assert_eq!(left.len(), right.len(), "half of a commit is there");
        assert_eq!(left.len(), events.len(), "a commit is there without its event, or the other way round");
        for (left, right) in left.iter().zip(&right) {
            let number = number_of(&left.key);
            assert_eq!(number_of(&right.key), number);
            assert_eq!((left.version, &left.value), (right.version, &right.value));
            assert!(left.value == value(number), "the value of {number} is torn");
            self.version = self.version.max(left.version);
        }
        let found: BTreeSet<u64> = left.iter().map(|entry| number_of(&entry.key)).collect();
        let lost: Vec<_> =
            acknowledged.iter().chain(&self.kept).filter(|number| !found.contains(number)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let position = |left: &Entry| left.version << EVENTS_PER_COMMIT_BITS;
        assert!(
            left.iter().all(|left| events.binary_search_by_key(&position(left), |(at, _)| *at).is_ok()),
            "an event has another's place"
        );

        // The next commit gets a number that nothing had before, although the last one left nothing that could tell its number.
        let number = found.last().map_or(0, |newest| newest + 1);
        let version = store.commit(numbered(number)).await.unwrap();
        assert!(version > self.version, "{version} is not after {}", self.version);
        let old =
            left[..left.len().saturating_sub(KEPT)].iter().map(|left| (number_of(&left.key), left.version));
        let mut deletes = Vec::new();
        for (number, version) in old.chain([(number, version)]) {
            deletes.extend(["left", "right"].map(|side| Key::new().text(side).number(number)));
            deletes.push(event_key("numbers", version << EVENTS_PER_COMMIT_BITS));
        }
        self.version = store.commit(Batch { deletes, ..Batch::default() }).await.unwrap();
        assert!(self.version > version);
        self.kept = found.into_iter().rev().take(KEPT).collect();
    }
}

/// What the child of a blob test does until it is killed: numbered blobs, and one that is replaced again and again.
pub async fn write_blobs(blobs: Arc<dyn Blobs>) {
    let from =
        blobs.list("numbered", None, usize::MAX).await.unwrap().iter().map(|name| blob_number(name)).max();
    let next = Arc::new(AtomicU64::new(from.unwrap_or(0) + 1));
    let writers = (0..2).map(|_| {
        let (blobs, next) = (blobs.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                blobs.put(&blob_name(number), value(number)).await.unwrap();
                blobs.put("replaced", value(number)).await.unwrap();
                acknowledge(number);
            }
        })
    });
    futures_util::future::join_all(writers).await;
}

/// What must be in a blob store that is looked through after each round.
#[derive(Default)]
pub struct BlobCheck {
    /// Names that were found there and not deleted since.
    kept: Vec<String>,
}

impl BlobCheck {
    /// Looks through a blob store that [`write_blobs`] worked on, and deletes all but the newest [`KEPT`] numbers.
    pub async fn verify(&mut self, blobs: Arc<dyn Blobs>, acknowledged: &[u64]) {
        let mut names = blobs.list("numbered", None, usize::MAX).await.unwrap();
        for name in &names {
            let bytes = blobs.get(name).await.unwrap().expect("what is listed is there");
            assert!(bytes == value(blob_number(name)), "{name} is torn");
        }
        let expected = acknowledged.iter().map(|number| blob_name(*number));
        let lost: Vec<_> = expected.chain(self.kept.drain(..)).filter(|name| !names.contains(name)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let replaced = blobs.get("replaced").await.unwrap();
        if let Some(bytes) = &replaced {
            let number = u64::from_be_bytes(bytes[..8].try_into().unwrap());
            assert!(*bytes == value(number), "the replaced blob is torn");
        }
        assert!(
            names.is_empty() || acknowledged.is_empty() || replaced.is_some(),
            "the replaced blob is lost"
        );
        names.sort_by_key(|name| blob_number(name));
        for old in &names[..names.len().saturating_sub(KEPT)] {
            blobs.delete(old).await.unwrap();
        }
        self.kept = names.split_off(names.len().saturating_sub(KEPT));
    }
}

fn numbered(number: u64) -> Batch {
    let (left, right) = (Key::new().text("left").number(number), Key::new().text("right").number(number));
    Batch {
        checks: vec![(left.clone(), Expect::Absent), (right.clone(), Expect::Absent)],
        puts: vec![(left, value(number)), (right, value(number))],
        deletes: Vec::new(),
        events: vec![Event { topic: "numbers".into(), payload: Bytes::from(number.to_string()) }],
    }
}

/// The number, then bytes that depend on it: usually some hundred, sometimes 30,000.
fn value(number: u64) -> Bytes {
    let length = if number.is_multiple_of(64) { 30_000 } else { 100 + (scatter(number) % 900) as usize };
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.resize(8 + length, (number % 251) as u8);
    Bytes::from(bytes)
}

fn blob_name(number: u64) -> String {
    format!("numbered/{:02}/{number}", number % 10)
}

fn blob_number(name: &str) -> u64 {
    name.rsplit('/').next().unwrap().parse().unwrap()
}

fn number_of(key: &Key) -> u64 {
    match key.parts().as_slice() {
        [_, kernel::key::Part::Number(number)] => *number,
        parts => panic!("not a numbered key: {parts:?}"),
    }
}

async fn newest(store: &Arc<dyn Store>) -> u64 {
    let last = Range { descending: true, ..Range::prefix(&Key::new().text("left"), 1) };
    store.snapshot().range(last).await.unwrap().first().map_or(0, |entry| number_of(&entry.key))
}

fn acknowledge(number: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ack {number}").unwrap();
    out.flush().unwrap();
}

/// A number that looks random but is the same in every run.
fn scatter(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 17
}
