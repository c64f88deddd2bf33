//! One execution environment: its process, the way to talk to it, its log.
//!
//! What always holds: at most one invocation is under way; others may lie in the process's mailbox, and can be taken back until it has
//! taken them; what the function wrote before its answer is in the log before END; dropping an environment kills its process. A frozen
//! one is thawed before anything is sent to it.

mod ahead;

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use kernel::Clock;
use kernel::functions::{FunctionVersion, Invocation};
use runtimes::frame::{Decoder, FrameError, FromBootstrap, MESSAGE_LEN_MAX, Stream};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use crate::limits::MEMORY_READING_AGE_MAX;
use crate::lines::{Lines, Source};
use crate::mailbox::Mailbox;
use crate::pool::Waiter;
use crate::report;
use crate::request::Request;
use crate::runtime_api;

/// Longest wait for a process to be gone after its end of the connection was closed.
const EXIT_WAIT: Duration = Duration::from_millis(500);
/// Bytes read from the socket at once.
const SOCKET_READ_LEN: usize = 32 * 1024;
/// Bytes read from the pipe at once.
const PIPE_READ_LEN: usize = 8 * 1024;
/// Most bytes of the pipe that are read after an answer: what its buffer can hold, twice.
const PIPE_REST_MAX: usize = 2 * 1024 * 1024;

/// How to talk to the process.
pub enum Link {
    /// A bootstrap of ours, by frames.
    Frames { socket: UnixStream, decoder: Decoder, mailbox: Mailbox },
    /// A custom runtime, by the HTTP Runtime API; its end shows on the descriptor of its process.
    Api { session: runtime_api::Session, ended: AsyncFd<OwnedFd> },
}

/// What came of waiting for the process.
#[derive(Debug)]
pub enum Said {
    Ready,
    InitError(Bytes),
    Result {
        json: Bytes,
        body: Option<Bytes>,
    },
    /// The function failed; after the last error the process ends by itself.
    Error {
        json: Bytes,
        is_last: bool,
    },
    /// It ends, and has not begun what was sent to it.
    Ending,
    /// Its end of the connection is closed.
    Closed,
    /// It broke the protocol.
    Malformed,
    /// The time is over.
    TimedOut,
    /// Others lie behind this invocation in the mailbox, and it takes longer than they should wait.
    Late,
}

/// How long invocations lie in a mailbox behind one that is not done.
const LATE_AFTER: Duration = Duration::from_millis(5);

/// One more environment on this machine, until dropped.
pub struct Place(Arc<AtomicUsize>);

impl Place {
    /// A place, if fewer than `limit` are taken.
    pub fn take(count: &Arc<AtomicUsize>, limit: usize) -> Option<Place> {
        let take = |taken| (taken < limit).then_some(taken + 1);
        count.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok().map(|_| Place(Arc::clone(count)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The parts of a started environment.
pub struct Parts {
    pub version: Arc<FunctionVersion>,
    pub process: Arc<sandbox::Process>,
    pub link: Link,
    pub pipe: pipe::Receiver,
    pub lines: Lines,
    pub clock: Arc<dyn Clock>,
    #[allow(dead_code, reason = "held for its Drop")]
    pub place: Place,
}

/// A running execution environment.
pub struct Environment {
    parts: Parts,
    is_pipe_open: bool,
    is_frozen: bool,
    is_broken: bool,
    /// The invocation it holds was sent, as far as it was possible at once.
    has_begun: bool,
    /// Its plain pipe is in use, whose bytes tell nothing of the invocation they belong to.
    has_piped: bool,
    /// What lies in the mailbox behind the invocation under way, in order, with their numbers.
    ahead: VecDeque<(u16, Waiter)>,
    /// The number of the invocation under way.
    number: u16,
    /// The number that was given last.
    last_number: u16,
    /// Kept from invocation to invocation: it is set again only when something is due before it.
    alarm: Option<(Duration, BoxFuture<'static, ()>)>,
    /// When it became idle.
    pub idle_since: Duration,
    /// When it was started.
    pub born: Duration,
    memory_mb: u64,
    memory_read: Option<Duration>,
    /// Duration of its Init phase, until a REPORT line told it.
    pub init_ms: Option<f64>,
    request: Option<Request>,
    sent: usize,
    /// When the invocation under way began.
    begun: Duration,
    begun_ms: i64,
    /// When others that lie behind it have waited too long.
    late: Duration,
}

impl Environment {
    pub fn new(parts: Parts) -> Environment {
        let now = parts.clock.monotonic();
        Environment {
            parts,
            is_pipe_open: true,
            is_frozen: false,
            is_broken: false,
            has_begun: false,
            has_piped: false,
            ahead: VecDeque::new(),
            number: 0,
            last_number: 0,
            alarm: None,
            idle_since: now,
            born: now,
            memory_mb: 0,
            memory_read: None,
            init_ms: None,
            request: None,
            sent: 0,
            begun: now,
            begun_ms: 0,
            late: now,
        }
    }

    pub fn version(&self) -> &Arc<FunctionVersion> {
        &self.parts.version
    }

    pub fn lines(&mut self) -> &mut Lines {
        &mut self.parts.lines
    }

    /// Hands the log over to an environment that takes this one's place, and ends this one.
    pub fn into_lines(self) -> Lines {
        self.parts.lines
    }

    pub fn process(&self) -> &Arc<sandbox::Process> {
        &self.parts.process
    }

    pub fn is_frozen(&self) -> bool {
        self.is_frozen
    }

    /// Stops all of its processes until the next invocation. One that cannot be frozen stays as it is.
    pub fn freeze(&mut self) {
        match self.parts.process.freeze() {
            Ok(()) => self.is_frozen = true,
            Err(error) => tracing::debug!(%error, "an idle environment could not be frozen"),
        }
    }

    pub fn kill(&mut self) {
        self.parts.process.kill();
    }

    /// When the invocation under way began.
    pub fn begun(&self) -> Duration {
        self.begun
    }

    /// Was the invocation it was given sent to its process? Else that has ended, or said something between invocations that makes it
    /// useless, and nothing of the invocation has happened.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Sends INIT to a bootstrap.
    pub fn send_init(&mut self, frame: &[u8]) {
        if let Link::Frames { socket, .. } = &self.parts.link {
            // A new socket's buffer is empty and larger than this frame.
            self.is_broken = !socket.try_write(frame).is_ok_and(|sent| sent == frame.len());
        }
    }

    /// Begins an invocation: thaws, sends the frame as far as the socket takes it, writes START. Never waits.
    ///
    /// Unless it [has begun](Environment::has_begun) afterwards, nothing of the invocation has happened.
    pub fn begin(&mut self, mut request: Request, now: Duration, now_ms: i64) {
        if self.is_frozen {
            self.is_frozen = false;
            if let Err(error) = self.parts.process.thaw() {
                tracing::warn!(%error, "an environment could not be thawed and is given up");
                self.is_broken = true;
            }
        }
        self.has_begun = false;
        self.settle(now_ms);
        if self.is_broken {
            return;
        }
        let deadline_ms = u64::try_from(now_ms).unwrap_or(0) + self.parts.version.timeout_ms;
        let invocation = Arc::clone(&request.invocation);
        request.set_deadline(deadline_ms);
        self.offer(request, deadline_ms);
        if !self.is_broken {
            self.start(&invocation, now, now_ms);
        }
    }

    /// Begins an invocation whose START line and time began before this environment was ready.
    pub fn resume(&mut self, mut request: Request, deadline_ms: u64, begun: Duration) {
        request.set_deadline(deadline_ms);
        self.begun = begun;
        self.offer(request, deadline_ms);
    }

    fn offer(&mut self, mut request: Request, deadline_ms: u64) {
        self.last_number = self.last_number.wrapping_add(1);
        self.number = self.last_number;
        self.sent = 0;
        match &mut self.parts.link {
            Link::Api { session, .. } => session.offer(&request.invocation, deadline_ms),
            Link::Frames { mailbox, .. } => {
                let is_message = request.len() <= MESSAGE_LEN_MAX;
                request.set_number(if is_message { self.number } else { 0 });
                let put = match is_message {
                    true => mailbox.put(&request.rest(0)),
                    false => mailbox.point_to_stream(self.number),
                };
                self.is_broken |= put.is_err();
                self.sent = if is_message { request.len() } else { 0 };
            }
        }
        self.request = Some(request);
        self.send();
        self.has_begun = !self.is_broken;
    }

    fn start(&mut self, invocation: &Invocation, now: Duration, now_ms: i64) {
        self.begun = now;
        self.begun_ms = now_ms;
        self.late = now + LATE_AFTER;
        self.parts.lines.start(invocation, &self.parts.version, now_ms);
    }

    fn send(&mut self) {
        let (Link::Frames { socket, .. }, Some(request)) = (&self.parts.link, &self.request) else { return };
        while self.sent < request.len() {
            match socket.try_write_vectored(&request.rest(self.sent)) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.is_broken = true;
                    return;
                }
            }
        }
    }

    /// Reads what came between two invocations: late log lines, or the end.
    fn settle(&mut self, now_ms: i64) {
        if let Link::Api { .. } = &self.parts.link {
            self.is_broken |= self.parts.process.try_wait().is_some();
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        while !self.is_broken && self.poll_socket(&mut context).is_ready() {
            // An error or a second answer outside of an invocation: the process is ending, or confused.
            self.is_broken |= !matches!(self.next_frame(now_ms), Ok(None));
        }
    }

    /// Reads the socket once. A short read tells that it is empty, so that one call into the kernel is enough for an answer.
    fn poll_socket(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Link::Frames { socket, decoder, .. } = &mut self.parts.link else { return Poll::Pending };
        let mut space = [const { MaybeUninit::uninit() }; SOCKET_READ_LEN];
        let mut buffer = ReadBuf::uninit(&mut space);
        Pin::new(socket).poll_read(context, &mut buffer).map(|result| {
            let data = buffer.filled();
            self.is_broken |= result.is_err() || data.is_empty();
            decoder.buffer().extend_from_slice(data);
        })
    }

    /// The next frame that is not output; output goes to the log.
    fn next_frame(&mut self, now_ms: i64) -> Result<Option<Said>, FrameError> {
        let now = self.parts.clock.monotonic();
        let Link::Frames { decoder, .. } = &mut self.parts.link else { return Ok(None) };
        loop {
            let Some(frame) = decoder.next_frame()? else { return Ok(None) };
            return Ok(Some(match frame {
                FromBootstrap::Ready => Said::Ready,
                FromBootstrap::InitError(json) => Said::InitError(json),
                FromBootstrap::Result { json, body } => Said::Result { json, body },
                FromBootstrap::Error { json, is_last } => Said::Error { json, is_last },
                FromBootstrap::Ending(_) => Said::Ending,
                FromBootstrap::Log { time_ms, message, .. } => {
                    // A function can write any time into a frame: only one near ours is taken, and none before its START.
                    let first_ms = self.begun_ms.clamp(now_ms - 60_000, now_ms);
                    let time_ms = i64::try_from(time_ms).unwrap_or(now_ms).clamp(first_ms, now_ms + 1_000);
                    self.parts.lines.event(now, time_ms, &message);
                    continue;
                }
                FromBootstrap::Out { stream, data } => {
                    let source = if stream == Stream::Stdout { Source::Stdout } else { Source::Stderr };
                    self.parts.lines.bytes(source, now, now_ms, &data);
                    continue;
                }
            }));
        }
    }

    /// Waits until the process has said something, or `deadline`, while its output goes to the log.
    pub async fn listen(&mut self, deadline: Duration) -> Said {
        let clock = Arc::clone(&self.parts.clock);
        loop {
            if self.is_broken {
                return Said::Closed;
            }
            match self.next_frame(clock.now_ms()) {
                Ok(Some(said)) => return said,
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "a function's process broke the protocol");
                    return Said::Malformed;
                }
            }
            self.parts.lines.flush_output();
            if let Some(said) = poll_fn(|context| self.poll(context, deadline)).await {
                return said;
            }
        }
    }

    /// Moves bytes once something can be moved. `None`: look at the frames again.
    fn poll(&mut self, context: &mut Context<'_>, deadline: Duration) -> Poll<Option<Said>> {
        let mut has_moved = false;
        if self.is_pipe_open {
            has_moved |= self.poll_pipe(context).is_ready();
        }
        match &mut self.parts.link {
            Link::Api { session, ended } => {
                if let Poll::Ready(said) = session.poll_said(context) {
                    return Poll::Ready(Some(said));
                }
                if ended.poll_read_ready(context).is_ready() {
                    return Poll::Ready(Some(Said::Closed));
                }
            }
            Link::Frames { socket, .. } => {
                if self.request.as_ref().is_some_and(|request| self.sent < request.len())
                    && socket.poll_write_ready(context).is_ready()
                {
                    self.send();
                    has_moved = true;
                }
                has_moved |= self.poll_socket(context).is_ready();
            }
        }
        if has_moved {
            return Poll::Ready(None);
        }
        self.poll_alarm(context, deadline).map(Some)
    }

    /// Ready when the time is over, or others have waited too long behind this invocation.
    fn poll_alarm(&mut self, context: &mut Context<'_>, deadline: Duration) -> Poll<Said> {
        loop {
            let due = if self.ahead.is_empty() { deadline } else { self.late.min(deadline) };
            let alarm = match &mut self.alarm {
                Some((at, alarm)) if *at <= due => alarm,
                _ => &mut self.alarm.insert((due, self.parts.clock.sleep_until(due))).1,
            };
            if alarm.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.alarm = None;
            let now = self.parts.clock.monotonic();
            if now >= deadline {
                return Poll::Ready(Said::TimedOut);
            }
            if !self.ahead.is_empty() && now >= self.late {
                self.late = now + LATE_AFTER;
                return Poll::Ready(Said::Late);
            }
        }
    }

    /// Reads the pipe of the plain standard streams once.
    fn poll_pipe(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        let mut space = [const { MaybeUninit::uninit() }; PIPE_READ_LEN];
        let mut buffer = ReadBuf::uninit(&mut space);
        match Pin::new(&mut self.parts.pipe).poll_read(context, &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                let data = buffer.filled();
                self.is_pipe_open = result.is_ok() && !data.is_empty();
                self.has_piped |= !data.is_empty();
                self.parts.lines.bytes(
                    Source::Pipe,
                    self.parts.clock.monotonic(),
                    self.parts.clock.now_ms(),
                    data,
                );
                Poll::Ready(data.len())
            }
        }
    }

    /// Reads what is still in the pipe, without waiting, and ends unfinished lines.
    pub fn drain(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let mut total = 0;
        while self.is_pipe_open && total < PIPE_REST_MAX {
            match self.poll_pipe(&mut context) {
                Poll::Ready(count) => total += count,
                Poll::Pending => break,
            }
        }
        let now_ms = self.parts.clock.now_ms();
        self.parts.lines.end_lines(now_ms);
    }

    /// Most memory used so far, in MB; read anew when the last reading is old.
    pub fn memory_used_mb(&mut self, now: Duration) -> u64 {
        if self.memory_read.is_none_or(|read| now.saturating_sub(read) >= MEMORY_READING_AGE_MAX) {
            self.memory_read = Some(now);
            let bytes = self.parts.process.memory_peak_bytes().unwrap_or(0);
            self.memory_mb = self.memory_mb.max(bytes.div_ceil(1024 * 1024));
        }
        self.memory_mb
    }

    /// How the process ended; one that goes on without its connection is ended. In AWS's words.
    pub async fn exit_reason(&mut self) -> String {
        let process = Arc::clone(&self.parts.process);
        let clock = Arc::clone(&self.parts.clock);
        let wait = tokio::task::spawn_blocking({
            let process = Arc::clone(&process);
            move || process.wait()
        });
        let mut wait = pin!(wait);
        let mut alarm = pin!(clock.sleep(EXIT_WAIT));
        let ended = poll_fn(|context| {
            if let Poll::Ready(ended) = wait.as_mut().poll(context) {
                return Poll::Ready(Some(ended));
            }
            alarm.as_mut().poll(context).map(|()| None)
        })
        .await;
        let status = match ended {
            Some(Ok(Ok(status))) => status,
            Some(_) => return report::exit_reason(None, None),
            None => {
                // It closed its end and lives on. What it says now would be our signal.
                process.kill();
                return report::exit_reason(None, None);
            }
        };
        match status.end {
            _ if status.oom_killed => report::exit_reason(None, Some(9)),
            sandbox::End::Code(code) => report::exit_reason(Some(code), None),
            sandbox::End::Signal(signal) => report::exit_reason(None, Some(signal)),
        }
    }
}
