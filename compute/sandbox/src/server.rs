//! The server's end of the spawner: starts it, keeps the thread it depends on, sends it work.
//!
//! The kernel ties a process's parent-death signal to the *thread* that started it. The thread here does nothing but
//! start the spawner and wait, as long as the jail exists.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::cgroup::JoinFiles;
use crate::error::Error;
use crate::init::FAILED;
use crate::plan::Plan;
use crate::probe::Findings;
use crate::spawner::{self, ARGV0, Header, Hello, MESSAGE_MAX, STARTED};
use crate::sys::fds;

/// A start that takes longer than this has failed.
const START_SECONDS_MAX: i64 = 20;

/// A running spawner.
pub(crate) struct Link {
    socket: OwnedFd,
    pub findings: Findings,
}

enum State {
    Starting,
    Ready(Arc<Link>),
    Failed(String),
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Owner of the spawner. Dropping it ends the spawner and with it every sandbox.
pub(crate) struct Server {
    shared: Arc<Shared>,
    /// Present until dropped. A message asks for a new spawner; hanging up ends the thread.
    again: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a start leaves the server with.
pub(crate) struct Started {
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub control: OwnedFd,
}

impl Server {
    /// Returns at once; the spawner starts meanwhile.
    pub(crate) fn launch(hello: Hello) -> Result<Server, Error> {
        let shared = Arc::new(Shared { state: Mutex::new(State::Starting), changed: Condvar::new() });
        let (again, asked) = channel();
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("sandbox-spawner".into())
            .spawn(move || keep(&for_thread, &hello, &asked))
            .map_err(|e| Error::step("start the spawner's thread", e))?;
        Ok(Server { shared, again: Some(again), thread: Some(thread) })
    }

    /// The running spawner; waits while it is starting.
    pub(crate) fn link(&self) -> Result<Arc<Link>, Error> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*state {
                State::Ready(link) => return Ok(Arc::clone(link)),
                State::Failed(reason) => return Err(Error::Spawner { reason: reason.clone() }),
                State::Starting => {
                    state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Ends the spawner and with it every sandbox.
    pub(crate) fn stop(&mut self) {
        self.again = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Replaces a spawner that does not answer, unless somebody already has.
    fn replace(&self, broken: &Arc<Link>) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*state, State::Ready(link) if Arc::ptr_eq(link, broken)) {
            *state = State::Starting;
            if let Some(again) = &self.again {
                let _ = again.send(());
            }
        }
    }

    /// Starts what `plan` says and waits until the program runs.
    pub(crate) fn start(
        &self,
        plan: &Plan,
        join: &JoinFiles,
        program_fds: &[OwnedFd],
    ) -> Result<Started, Error> {
        let link = self.link()?;
        match self.try_start(&link, plan, join, program_fds) {
            Err(Error::Spawner { reason }) => {
                tracing::warn!(reason, "the sandbox spawner has died; starting another");
                self.replace(&link);
                let link = self.link()?;
                self.try_start(&link, plan, join, program_fds)
            }
            other => other,
        }
    }

    fn try_start(
        &self,
        link: &Link,
        plan: &Plan,
        join: &JoinFiles,
        program_fds: &[OwnedFd],
    ) -> Result<Started, Error> {
        let step = |step: &'static str| move |e| Error::step(step, e);
        let memory = fds::memory_file(&plan.encode()).map_err(step("write the start plan"))?;
        let (ours, ready) = fds::message_pair().map_err(step("make a socket pair"))?;
        let (control, theirs) = fds::message_pair().map_err(step("make a socket pair"))?;
        fds::set_receive_timeout(ours.as_fd(), START_SECONDS_MAX).map_err(step("set a timeout"))?;
        let mut sent = vec![memory.as_raw_fd(), ready.as_raw_fd(), theirs.as_raw_fd()];
        sent.extend(join.directory.iter().chain(&join.files).chain(program_fds).map(AsRawFd::as_raw_fd));
        let header = Header { into_cgroup: join.directory.is_some(), features: plan.features }.encode();
        fds::send(link.socket.as_fd(), &header, &sent).map_err(|e| match e.raw_os_error() {
            Some(libc::EPIPE | libc::ECONNRESET | libc::ENOTCONN) => Error::Spawner { reason: e.to_string() },
            _ => Error::step("ask the spawner", e),
        })?;
        drop((memory, ready, theirs));
        let mut started = None;
        let mut buffer = [0; 4096];
        loop {
            let (length, mut received) =
                fds::receive(ours.as_fd(), &mut buffer, 0).map_err(step("wait for the program to start"))?;
            match (buffer[..length].split_first(), started.take()) {
                (Some((&STARTED, pid)), None) if pid.len() == 4 && received.len() == 1 => {
                    started =
                        Some((i32::from_le_bytes([pid[0], pid[1], pid[2], pid[3]]), received.remove(0)));
                }
                (Some((&FAILED, rest)), _) => return Err(spawner::decode_failure(rest).into()),
                (None, Some((pid, pidfd))) => return Ok(Started { pid, pidfd, control }),
                _ => return Err(Error::Spawner { reason: "it closed without an answer".into() }),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The thread: starts a spawner, again when asked, and ends the last one when the jail is gone.
fn keep(shared: &Shared, hello: &Hello, asked: &Receiver<()>) {
    loop {
        let (child, state) = match launch(hello) {
            Ok((child, link)) => (Some(child), State::Ready(Arc::new(link))),
            Err(reason) => (None, State::Failed(reason)),
        };
        *shared.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        shared.changed.notify_all();
        let more = asked.recv().is_ok();
        if let Some(mut child) = child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if !more {
            return;
        }
    }
}

fn launch(hello: &Hello) -> Result<(Child, Link), String> {
    if std::env::args().next().as_deref() == Some(ARGV0) {
        return Err(
            "this process was started as a spawner, but main did not call sandbox::init_main()".into()
        );
    }
    std::fs::create_dir_all(&hello.root).map_err(|e| format!("create {}: {e}", hello.root.display()))?;
    let (socket, theirs) = fds::message_pair().map_err(|e| format!("make a socket pair: {e}"))?;
    let mut child = Command::new("/proc/self/exe")
        .arg0(ARGV0)
        .arg(std::process::id().to_string())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("start /proc/self/exe: {e}"))?;
    greet(&socket, hello)
        .map(|findings| Link { socket, findings })
        .map_err(|e| {
            let _ = child.kill();
            let status = child.wait().map(|s| s.to_string()).unwrap_or_default();
            format!("{e} ({status}); does the binary call sandbox::init_main() first?")
        })
        .map(|link| (child, link))
}

fn greet(socket: &OwnedFd, hello: &Hello) -> std::io::Result<Findings> {
    fds::set_receive_timeout(socket.as_fd(), START_SECONDS_MAX)?;
    fds::send(socket.as_fd(), &hello.encode(), &[])?;
    let mut buffer = vec![0; MESSAGE_MAX];
    let (length, _) = fds::receive(socket.as_fd(), &mut buffer, 0)?;
    Findings::decode(&buffer[..length])
}
