//! A disk that fails, and commits that meet in one group.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::*;

/// Remembers what was written; fails when told to.
#[derive(Default)]
struct TestDisk {
    stored: Mutex<BTreeMap<Key, Version>>,
    writes: Mutex<Vec<Version>>,
    is_broken: AtomicBool,
}

impl Disk for TestDisk {
    fn version_at(&self, key: &Key) -> Result<Option<Version>, String> {
        Ok(self.stored.lock().unwrap().get(key).copied())
    }

    fn write(&self, writes: &Writes, last: Version) -> Result<(), String> {
        if self.is_broken.load(Ordering::Acquire) {
            return Err("writing a commit: no such disk".into());
        }
        let mut stored = self.stored.lock().unwrap();
        for (key, write) in writes {
            match write {
                Some((version, _)) => stored.insert(key.clone(), *version),
                None => stored.remove(key),
            };
        }
        self.writes.lock().unwrap().push(last);
        Ok(())
    }

    fn sync(&self) -> Result<(), String> {
        if self.is_broken.load(Ordering::Acquire) { Err("syncing: no such disk".into()) } else { Ok(()) }
    }
}

/// What a run left behind.
struct Ran {
    /// Per group, per commit.
    outcomes: Vec<Vec<Result<Version, StoreError>>>,
    disk: Arc<TestDisk>,
    is_poisoned: bool,
}

/// Runs the committer over groups of batches, each group handed over at once; `break_before` is the group before which the disk breaks.
fn check(groups: &[&[Batch]], break_before: usize) -> Ran {
    let disk = Arc::new(TestDisk::default());
    let poison = Arc::new(OnceLock::new());
    let mut committer = Committer::new(disk.clone(), 0, Arc::new(Watchers::default()), poison.clone());
    let room = Arc::new(Semaphore::new(1000));
    let mut outcomes = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        disk.is_broken.store(index >= break_before, Ordering::Release);
        let mut requests = Vec::new();
        let mut answers = Vec::new();
        for batch in *group {
            let (answer, outcome) = oneshot::channel();
            let room = room.clone().try_acquire_owned().unwrap();
            requests.push(Request { batch: batch.clone(), answer, room });
            answers.push(outcome);
        }
        committer.commit_group(requests);
        outcomes.push(answers.iter_mut().map(|answer| answer.try_recv().unwrap()).collect());
    }
    Ran { outcomes, disk, is_poisoned: poison.get().is_some() }
}

fn put(name: &str, checks: &[(&str, Expect)]) -> Batch {
    Batch {
        checks: checks.iter().map(|(name, expect)| (Key::new().text(name), *expect)).collect(),
        puts: vec![(Key::new().text(name), Bytes::from_static(b"x"))],
        ..Batch::default()
    }
}

#[test]
fn a_commit_sees_those_before_it_in_its_group() {
    let taken = put("a", &[("a", Expect::Absent)]);
    let delete = Batch { deletes: vec![Key::new().text("a")], ..Batch::default() };
    let only_a_check = Batch { checks: vec![(Key::new().text("a"), Expect::At(3))], ..Batch::default() };
    let Ran { outcomes, disk, .. } =
        check(&[&[taken.clone(), taken.clone(), delete, taken.clone(), only_a_check], &[taken]], usize::MAX);
    let numbers: Vec<Option<Version>> =
        outcomes[0].iter().map(|outcome| outcome.as_ref().ok().copied()).collect();
    assert_eq!(numbers, [Some(1), None, Some(2), Some(3), Some(3)]);
    assert!(matches!(outcomes[0][1], Err(StoreError::Conflict)));
    assert!(matches!(outcomes[1][0], Err(StoreError::Conflict)));
    assert_eq!(
        *disk.writes.lock().unwrap(),
        [3],
        "one write for the group, none where nothing is to be written"
    );
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged() {
    let plain = put("a", &[]);
    let in_conflict = put("a", &[("a", Expect::Absent)]);
    let checks_only = Batch { checks: vec![(Key::new().text("z"), Expect::Absent)], ..Batch::default() };
    // The disk breaks before the second group and is whole again for nobody.
    let Ran { outcomes, disk, is_poisoned } = check(
        &[std::slice::from_ref(&plain), &[plain.clone(), in_conflict], &[plain.clone(), checks_only]],
        1,
    );
    assert!(outcomes[0][0].is_ok());
    for outcome in outcomes[1..].iter().flatten() {
        match outcome {
            Err(StoreError::Failed(text)) => {
                assert!(text.contains("no such disk") && text.contains("no more commits"), "{text}");
            }
            other => panic!("acknowledged after a failure: {other:?}"),
        }
    }
    assert_eq!(*disk.writes.lock().unwrap(), [1]);
    assert!(is_poisoned);
}

#[test]
fn a_disk_that_recovers_does_not_heal_the_store() {
    let disk = Arc::new(TestDisk::default());
    let poison = Arc::new(OnceLock::new());
    let mut committer = Committer::new(disk.clone(), 0, Arc::new(Watchers::default()), poison);
    for is_broken in [true, false] {
        disk.is_broken.store(is_broken, Ordering::Release);
        let (answer, mut outcome) = oneshot::channel();
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        committer.commit_group(vec![Request { batch: put("a", &[]), answer, room }]);
        assert!(matches!(outcome.try_recv().unwrap(), Err(StoreError::Failed(_))), "broken: {is_broken}");
    }
    assert!(disk.writes.lock().unwrap().is_empty());
}
