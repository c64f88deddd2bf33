//! A running sandbox: watch it, freeze it, end it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cgroup::Groups;
use crate::error::Error;
use crate::init;
use crate::sys::{self, fds};
use crate::warden::Warden;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitStatus {
    pub end: End,
    /// The memory limit was the reason (or ended some process of it before).
    pub oom_killed: bool,
}

/// The two ways in which a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal; 9 where the whole sandbox was killed.
    Signal(i32),
}

/// What is known of one sandbox; shared with the warden.
#[derive(Debug)]
pub(crate) struct Inner {
    pub id: String,
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub control: OwnedFd,
    pub leaf: Option<Groups>,
    /// Whether it has a pid namespace, so that killing its init kills all.
    pub contained: bool,
    pub memory_bytes: AtomicU64,
    /// What `/tmp` and `/dev/shm` may hold on top.
    pub files_bytes: u64,
    pub is_frozen: AtomicBool,
    pub out_of_memory: AtomicBool,
    pub ended: Mutex<Option<ExitStatus>>,
}

/// A started sandbox. Dropping it kills all its processes and removes what was made for it.
#[derive(Debug)]
pub struct Process {
    pub(crate) inner: Arc<Inner>,
    pub(crate) warden: Arc<Warden>,
}

impl Process {
    /// The id of the sandbox's first process, on this machine. The program is its child (inside: 2).
    pub fn pid(&self) -> i32 {
        self.inner.pid
    }

    /// Becomes readable when everything in the sandbox has ended; then [`Process::wait`] answers at once.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.inner.pidfd.as_fd()
    }

    /// Stops all its processes where they are; they use no CPU until [`Process::thaw`].
    ///
    /// # Errors
    /// When the cgroup refuses. A sandbox that has ended is no error.
    pub fn freeze(&self) -> Result<(), Error> {
        self.inner.set_frozen(true).map_err(|e| Error::step(format!("freeze {}", self.inner.id), e))
    }

    /// Lets its processes continue.
    pub fn thaw(&self) -> Result<(), Error> {
        self.inner.set_frozen(false).map_err(|e| Error::step(format!("thaw {}", self.inner.id), e))?;
        self.warden.wake();
        Ok(())
    }

    /// Kills every process of the sandbox, frozen or not. Returns before they are gone: see [`Process::wait`].
    pub fn kill(&self) {
        self.inner.kill();
    }

    /// Sends `signal` to the program (not to processes that it started). A frozen one gets it when thawed.
    ///
    /// # Errors
    /// When the sandbox has ended (`EPIPE`).
    pub fn signal(&self, signal: u8) -> Result<(), Error> {
        fds::send(self.inner.control.as_fd(), &[init::SIGNAL, signal], &[])
            .map_err(|e| Error::step(format!("signal {}", self.inner.id), e))
    }

    /// Waits until everything in it has ended. Blocks for as long as that takes.
    pub fn wait(&self) -> Result<ExitStatus, Error> {
        sys::poll([self.inner.pidfd.as_fd()], -1).map_err(|e| Error::step("wait for the sandbox", e))?;
        Ok(self.inner.finish())
    }

    /// How it ended, if it has.
    pub fn try_wait(&self) -> Option<ExitStatus> {
        self.inner.has_ended().then(|| self.inner.finish())
    }

    /// Most memory it has used, in bytes, page cache included and at most its limit; `None` without a cgroup.
    pub fn memory_peak_bytes(&self) -> Option<u64> {
        let peak = self.inner.leaf.as_ref()?.memory_peak()?;
        match self.inner.memory_bytes.load(Ordering::Relaxed) {
            0 => Some(peak),
            limit => Some(peak.min(limit)),
        }
    }

    /// Memory that it uses now and that the kernel could not take back, in bytes; `None` without a cgroup.
    pub fn memory_now_bytes(&self) -> Option<u64> {
        self.inner.leaf.as_ref()?.memory_working()
    }

    /// Changes the limits of the running sandbox; 0 leaves one as it is. Without cgroups nothing can be changed.
    ///
    /// # Errors
    /// When there is no cgroup, or it refuses (memory already in use cannot be reclaimed: `EBUSY`).
    pub fn set_limits(&self, memory_bytes: u64, cpu_millis: u32) -> Result<(), Error> {
        let step = |e| Error::step(format!("change the limits of {}", self.inner.id), e);
        let leaf =
            self.inner.leaf.as_ref().ok_or_else(|| step(io::Error::from_raw_os_error(libc::ENOSYS)))?;
        if memory_bytes > 0 {
            leaf.set_memory(memory_bytes + self.inner.files_bytes).map_err(step)?;
            self.inner.memory_bytes.store(memory_bytes, Ordering::Relaxed);
        }
        leaf.set_cpu(cpu_millis).map_err(step)
    }

    /// Weighs its CPU time against that of other sandboxes: it may use idle cores whole, and gets its part of busy ones. 1000 is the
    /// weight of one core, which is what it starts with.
    ///
    /// # Errors
    /// When there is no cgroup, or it refuses.
    pub fn set_cpu_weight(&self, millis: u32) -> Result<(), Error> {
        let step = |e| Error::step(format!("change the CPU weight of {}", self.inner.id), e);
        let leaf =
            self.inner.leaf.as_ref().ok_or_else(|| step(io::Error::from_raw_os_error(libc::ENOSYS)))?;
        leaf.set_cpu_weight(millis).map_err(step)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.inner.kill();
        self.warden.bury(&self.inner);
    }
}

impl Inner {
    pub(crate) fn has_ended(&self) -> bool {
        sys::poll([self.pidfd.as_fd()], 0).is_ok_and(|[ended]| ended)
    }

    fn set_frozen(&self, frozen: bool) -> io::Result<()> {
        if self.has_ended() {
            return Ok(());
        }
        let by_cgroup = self.leaf.as_ref().map_or(Ok(false), |leaf| leaf.freeze(frozen))?;
        if !by_cgroup {
            let command = if frozen { init::FREEZE } else { init::THAW };
            match fds::send(self.control.as_fd(), &[command], &[]) {
                Err(e) if e.raw_os_error() != Some(libc::EPIPE) => return Err(e),
                _ => {}
            }
        }
        self.is_frozen.store(frozen, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn kill(&self) {
        if self.has_ended() {
            return;
        }
        if self.contained {
            // Init first: from then on the kernel ends the namespace. What is frozen dies once it runs.
            let _ = sys::pidfd_kill(self.pidfd.as_fd(), libc::SIGKILL);
            if let Some(leaf) = &self.leaf {
                let _ = leaf.freeze(false);
            }
            return;
        }
        match &self.leaf {
            Some(leaf) => leaf.kill_all(),
            // The supervisor sees the end of its socket and kills what descends from it.
            None => {
                // SAFETY: no pointers.
                unsafe { libc::shutdown(std::os::fd::AsRawFd::as_raw_fd(&self.control), libc::SHUT_RDWR) };
            }
        }
    }

    /// The status, once `has_ended`. What init said last still lies in the socket.
    fn finish(&self) -> ExitStatus {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *ended.get_or_insert_with(|| {
            let mut buffer = [0; 16];
            let told = fds::receive(self.control.as_fd(), &mut buffer, libc::MSG_DONTWAIT);
            let (end, by_init) = match (told, buffer) {
                (Ok((4, _)), [init::END, 0, code, memory, ..]) => (End::Code(code.into()), memory != 0),
                (Ok((4, _)), [init::END, _, signal, memory, ..]) => (End::Signal(signal.into()), memory != 0),
                _ => (End::Signal(libc::SIGKILL), false),
            };
            let by_kernel = self.leaf.as_ref().is_some_and(|leaf| leaf.oom_kills() > 0);
            ExitStatus { end, oom_killed: by_init || by_kernel || self.out_of_memory.load(Ordering::Relaxed) }
        })
    }
}
