//! One thread that holds running sandboxes to their memory and buries dead ones.
//!
//! Files in `/tmp` live in memory and are counted by the cgroup, but are not what AWS calls a function's memory. So
//! the cgroup's hard limit is memory + `/tmp` + `/dev/shm`, and this thread looks every 50 ms whether what is neither
//! file nor cache exceeds the memory limit. A sandbox that is frozen, or dead, costs nothing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::process::Inner;

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A dying sandbox is given this long before the jail gives up removing its cgroup (the next sweep will).
const BURIAL_MAX: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
struct Ward {
    living: Vec<Weak<Inner>>,
    dying: Vec<Arc<Inner>>,
    stopped: bool,
    /// Something changed since the thread last looked.
    news: bool,
}

/// The thread's shared state.
#[derive(Debug, Default)]
pub(crate) struct Warden {
    ward: Mutex<Ward>,
    changed: Condvar,
}

impl Warden {
    pub(crate) fn launch() -> Result<(Arc<Warden>, JoinHandle<()>), Error> {
        let warden = Arc::new(Warden::default());
        let for_thread = Arc::clone(&warden);
        let thread = std::thread::Builder::new()
            .name("sandbox-warden".into())
            .spawn(move || for_thread.work())
            .map_err(|e| Error::step("start the warden's thread", e))?;
        Ok((warden, thread))
    }

    fn lock(&self) -> MutexGuard<'_, Ward> {
        self.ward.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Ward)) {
        let mut ward = self.lock();
        change(&mut ward);
        ward.news = true;
        self.changed.notify_all();
    }

    pub(crate) fn watch(&self, inner: &Arc<Inner>) {
        self.tell(|ward| ward.living.push(Arc::downgrade(inner)));
    }

    /// Takes over a killed sandbox until its processes are gone and its cgroup is removed.
    pub(crate) fn bury(&self, inner: &Arc<Inner>) {
        self.tell(|ward| ward.dying.push(Arc::clone(inner)));
    }

    /// Something that was frozen runs again.
    pub(crate) fn wake(&self) {
        self.tell(|_| ());
    }

    pub(crate) fn stop(&self) {
        self.tell(|ward| ward.stopped = true);
    }

    /// Whether a sandbox named `id` runs or is dying.
    pub(crate) fn knows(&self, id: &str) -> bool {
        let ward = self.lock();
        ward.living.iter().filter_map(Weak::upgrade).any(|i| i.id == id)
            || ward.dying.iter().any(|i| i.id == id)
    }

    fn work(&self) {
        let mut stopped_at = None;
        loop {
            let mut ward = self.lock();
            ward.news = false;
            if ward.stopped {
                stopped_at.get_or_insert_with(Instant::now);
            }
            ward.living.retain(|weak| weak.strong_count() > 0);
            let running: Vec<Arc<Inner>> =
                ward.living.iter().filter_map(Weak::upgrade).filter(|inner| needs_look(inner)).collect();
            let dying = ward.dying.clone();
            drop(ward);

            running.iter().for_each(hold_to_memory);
            let busy = !running.is_empty();
            drop(running);
            // They stay listed until done, so that their ids count as taken.
            let done: Vec<*const Inner> =
                dying.iter().filter(|inner| buried(inner)).map(Arc::as_ptr).collect();

            let mut ward = self.lock();
            ward.dying.retain(|inner| !done.contains(&Arc::as_ptr(inner)));
            let pause = match (ward.dying.is_empty(), stopped_at) {
                (true, Some(_)) => return,
                (false, Some(since)) if since.elapsed() > BURIAL_MAX => return,
                (false, _) => Duration::from_millis(2),
                (true, None) if busy => LOOK_EVERY,
                (true, None) => Duration::from_secs(3600), // until something changes
            };
            if !ward.news {
                drop(self.changed.wait_timeout(ward, pause));
            }
        }
    }
}

fn needs_look(inner: &Inner) -> bool {
    inner.leaf.as_ref().is_some_and(|leaf| leaf.memory.is_some())
        && inner.memory_bytes.load(Ordering::Relaxed) > 0
        && !inner.is_frozen.load(Ordering::Relaxed)
        && !inner.has_ended()
}

fn hold_to_memory(inner: &Arc<Inner>) {
    let (Some(leaf), limit) = (&inner.leaf, inner.memory_bytes.load(Ordering::Relaxed)) else { return };
    // The cheap number first: it is never smaller than the exact one.
    if leaf.memory_used().is_some_and(|used| used > limit)
        && leaf.memory_working().is_some_and(|used| used > limit)
    {
        inner.out_of_memory.store(true, Ordering::Relaxed);
        inner.kill();
    }
}

/// True once nothing of it is left.
fn buried(inner: &Inner) -> bool {
    if !inner.has_ended() {
        inner.kill();
        return false;
    }
    inner.leaf.as_ref().is_none_or(|leaf| leaf.remove().is_ok())
}
