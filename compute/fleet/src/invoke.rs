//! One invocation, from admission to answer.
//!
//! What always holds: an invocation that was admitted runs to its end, whether or not its caller waits (see [`Detached`]); it is answered
//! once; its environment is released or ended, never lost. AWS: "Understanding the Lambda execution environment lifecycle".

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::error::Internal;
use kernel::functions::{Answer, ComputeError, FunctionVersion, Invocation};
use kernel::spawn;
use tokio::sync::OwnedSemaphorePermit;

use crate::Shared;
use crate::concurrency::Execution;
use crate::environment::{Environment, Said};
use crate::limits::INIT_TIMEOUT;
use crate::lines::Lines;
use crate::pool::{Admission, Pool, Reconsidered, SHORT_WAIT, Ticket};
use crate::report::{self, InitFailure, Report, Status};
use crate::request::Request;
use crate::start::{Started, init_failed};

/// Environments that may turn out to have ended while idle before an invocation gives up.
const BROKEN_MAX: u32 = 100;

/// Longest time for which one start keeps others from starting.
const START_TURN_MAX: Duration = Duration::from_millis(300);

/// A future that goes on in a task of its own when it is dropped before its end.
pub(crate) struct Detached<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Detached<T> {
    pub(crate) fn new(future: BoxFuture<'static, T>) -> Detached<T> {
        Detached(Some(future))
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let polled = future.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        // Without a runtime the server is ending, and its environments with it.
        if let Some(future) = self.0.take()
            && tokio::runtime::Handle::try_current().is_ok()
        {
            spawn("fleet/invocation", async {
                future.await;
            });
        }
    }
}

/// How waiting ended.
enum Turn {
    Served(Box<Environment>),
    Start(Request, Option<OwnedSemaphorePermit>),
}

/// How an invocation ended, before it is written down.
struct End {
    answer: Answer,
    status: Status,
    line: Option<String>,
    /// Can the environment be used again?
    is_sound: bool,
}

impl Shared {
    pub(crate) async fn invoke(
        self: Arc<Self>,
        version: Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> Result<Answer, ComputeError> {
        let pool = self.pool(&version);
        let limit = self.config.account_concurrency;
        let _execution = Execution::enter(&pool.function, version.reserved_concurrency, &pool.account, limit)
            .map_err(|reason| ComputeError::Throttled { reason })?;
        let invocation = Arc::new(invocation);
        for _ in 0..BROKEN_MAX {
            let clock = &self.host.clock;
            let environment = match pool.admit(request(&invocation)?, clock.monotonic(), clock.now_ms()) {
                Admission::Warm(environment) => environment,
                Admission::Wait(ticket) => match self.wait(&pool, ticket).await {
                    Turn::Served(environment) => environment,
                    // Apart, so that the futures of warm invocations are small.
                    Turn::Start(request, permit) => return Box::pin(self.cold(&pool, request, permit)).await,
                },
            };
            if !environment.has_begun() {
                drop(environment);
                pool.lost();
                continue;
            }
            if let Some(answer) = self.complete(&pool, environment, &invocation).await {
                return Ok(answer);
            }
        }
        Err(Internal::because("environments end while they are idle").into())
    }

    /// Waits in the queue for an environment, on which the invocation has then begun, or for its turn to start one. As many start at
    /// the same time as the machine has cores: more would only slow each other down, and those that run.
    async fn wait(&self, pool: &Pool, mut ticket: Ticket) -> Turn {
        let clock = &self.host.clock;
        loop {
            while !ticket.patience.is_zero() {
                tokio::select! {
                    biased;
                    Ok(environment) = &mut ticket.receiver => return Turn::Served(environment),
                    () = clock.sleep(ticket.patience) => {},
                }
                match pool.reconsider(&mut ticket, clock.monotonic(), clock.now_ms()) {
                    Reconsidered::Warm(environment) => return Turn::Served(environment),
                    Reconsidered::Stay => {}
                    Reconsidered::Leave => break,
                }
            }
            let permit = tokio::select! {
                biased;
                Ok(environment) = &mut ticket.receiver => return Turn::Served(environment),
                permit = Arc::clone(&self.starts).acquire_owned() => permit.ok(),
            };
            if let Some(request) = pool.leave(ticket.number) {
                return Turn::Start(request, permit);
            }
            // An environment is on its way, or it lies in the mailbox of one.
            ticket.patience = SHORT_WAIT;
        }
    }

    /// Starts an environment for this invocation.
    async fn cold(
        &self,
        pool: &Arc<Pool>,
        request: Request,
        mut permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Answer, ComputeError> {
        let clock = &self.host.clock;
        let version = &pool.version;
        let began = clock.monotonic();
        let mut start = pin!(self.start(version, None, INIT_TIMEOUT));
        let started = tokio::select! {
            biased;
            started = &mut start => started,
            () = clock.sleep(START_TURN_MAX) => {
                // It waits for something else than a core, so others may start meanwhile.
                drop(permit.take());
                start.await
            },
        };
        drop(permit);
        let invocation = Arc::clone(&request.invocation);
        match started {
            Err(error) => {
                pool.not_started();
                Err(error)
            }
            Ok(Started::Ready(mut environment)) => {
                let now = clock.monotonic();
                pool.started(now - began);
                environment.begin(request, now, clock.now_ms());
                self.complete(pool, environment, &invocation).await.ok_or_else(ended_at_once)
            }
            Ok(Started::Failed { lines, failure, init_ms }) => {
                self.init_again(pool, request, lines, &failure, init_ms).await
            }
        }
    }

    /// AWS: a failed Init phase runs again within the invocation, under the function's timeout.
    async fn init_again(
        &self,
        pool: &Arc<Pool>,
        request: Request,
        mut lines: Box<Lines>,
        failure: &InitFailure,
        init_ms: f64,
    ) -> Result<Answer, ComputeError> {
        let clock = &self.host.clock;
        let version = &pool.version;
        let invocation = Arc::clone(&request.invocation);
        let begun = clock.monotonic();
        let now_ms = clock.now_ms();
        let timeout = Duration::from_millis(version.timeout_ms);
        lines.init_failed(init_ms, "init", failure, version, now_ms);
        lines.start(&invocation, version, now_ms);
        let started = self.start(version, Some(lines), timeout).await;
        match started {
            Err(error) => {
                pool.not_started();
                Err(error)
            }
            Ok(Started::Ready(mut environment)) => {
                pool.started(clock.monotonic() - begun);
                // Its Init phase is part of the invocation's duration.
                environment.init_ms = None;
                environment.resume(request, u64::try_from(now_ms).unwrap_or(0) + version.timeout_ms, begun);
                self.complete(pool, environment, &invocation).await.ok_or_else(ended_at_once)
            }
            Ok(Started::Failed { mut lines, failure, init_ms }) => {
                pool.not_started();
                let duration = clock.monotonic() - begun;
                let now_ms = clock.now_ms();
                lines.init_failed(init_ms, "invoke", &failure, version, now_ms);
                let (payload, status, line) = match init_failed(&invocation.request_id, &failure) {
                    Some((payload, error_type, line)) => (payload, Status::Error(error_type), line),
                    None => {
                        let (line, object) =
                            report::timed_out(&invocation.request_id, version.timeout_ms, now_ms);
                        (object.into(), Status::Timeout, Some(line))
                    }
                };
                if let Some(line) = line {
                    lines.platform(now_ms, line);
                }
                let report = Report {
                    duration_ms: duration.as_secs_f64() * 1000.0,
                    memory_mb: version.memory_mb,
                    memory_used_mb: 0,
                    init_ms: None,
                    status,
                };
                let log_tail = lines.end(&invocation, version, &report, now_ms);
                let version = version.version.clone();
                Ok(Answer { payload, body: None, is_error: true, log_tail, version })
            }
        }
    }

    /// Waits for the answer of an invocation that has begun, writes its report, frees its environment. `None`: the process ended
    /// without having begun it, so it can be given to another environment.
    async fn complete(
        &self,
        pool: &Arc<Pool>,
        mut environment: Box<Environment>,
        invocation: &Invocation,
    ) -> Option<Answer> {
        let clock = &self.host.clock;
        let version = &pool.version;
        let deadline = environment.begun() + Duration::from_millis(version.timeout_ms);
        let said = loop {
            match environment.listen(deadline).await {
                Said::Late => pool.take_back(environment.recall(), clock.monotonic(), clock.now_ms()),
                said => break said,
            }
        };
        let mut now = clock.monotonic();
        if matches!(said, Said::Ending) {
            pool.end(environment, now, clock.now_ms());
            return None;
        }
        let mut duration = now.saturating_sub(environment.begun());
        let mut end = self.end(&mut environment, invocation, said).await;
        if end.status == Status::Timeout {
            duration = Duration::from_millis(version.timeout_ms);
        }
        if !end.is_sound {
            now = clock.monotonic();
        }
        let now_ms = clock.now_ms();
        environment.drain();
        if let Some(line) = end.line {
            environment.lines().platform(now_ms, line);
        }
        let report = Report {
            duration_ms: duration.as_secs_f64() * 1000.0,
            memory_mb: version.memory_mb,
            memory_used_mb: environment.memory_used_mb(now),
            init_ms: environment.init_ms.take(),
            status: end.status,
        };
        end.answer.log_tail = environment.lines().end(invocation, version, &report, now_ms);
        if end.is_sound {
            pool.release(environment, duration, now, now_ms);
        } else {
            pool.end(environment, now, now_ms);
        }
        Some(end.answer)
    }

    async fn end(&self, environment: &mut Environment, invocation: &Invocation, said: Said) -> End {
        let version = environment.version().version.clone();
        let id = &invocation.request_id;
        let failed = |payload: String, version| Answer {
            payload: payload.into(),
            is_error: true,
            version,
            ..Answer::default()
        };
        match said {
            Said::Result { json, body } => End {
                answer: Answer { payload: json, body, version, ..Answer::default() },
                status: Status::Success,
                line: None,
                is_sound: true,
            },
            Said::Error { json, is_last } => End {
                answer: Answer { payload: json, is_error: true, version, ..Answer::default() },
                status: Status::FunctionError,
                line: None,
                is_sound: !is_last,
            },
            Said::TimedOut => {
                environment.kill();
                let timeout_ms = environment.version().timeout_ms;
                let (line, object) = report::timed_out(id, timeout_ms, self.host.clock.now_ms());
                End {
                    answer: failed(object, version),
                    status: Status::Timeout,
                    line: Some(line),
                    is_sound: false,
                }
            }
            Said::Closed | Said::Ending | Said::Malformed | Said::Ready | Said::InitError(_) | Said::Late => {
                if !matches!(said, Said::Closed) {
                    environment.kill();
                }
                let reason = environment.exit_reason().await;
                let error_type = "Runtime.ExitError";
                let (line, object) = report::exited(id, error_type, &reason);
                let status = Status::Error(error_type.to_owned());
                End { answer: failed(object, version), status, line: Some(line), is_sound: false }
            }
        }
    }
}

fn ended_at_once() -> ComputeError {
    Internal::because("an environment ended between its Init phase and its first invocation").into()
}

fn request(invocation: &Arc<Invocation>) -> Result<Request, ComputeError> {
    Request::new(Arc::clone(invocation))
        .map_err(|error| Internal::new("encoding an invocation", error).into())
}
