//! Asynchronous invocations: taken durably, run oldest first and a bounded number at a time, tried again when they fail.
//!
//! A ticket stands under the time at which somebody is to look at it next. Whoever takes it moves it ahead by a lease and renews the lease
//! while it works, so that what a crash interrupts runs again, at least once, on whichever node comes first; when it is done the ticket is
//! removed. AWS: Asynchronous invocation: two more attempts after one and two minutes; throttled and broken calls are tried again from one
//! second up to five minutes apart; six hours at most. Known difference: events that are given up go to no destination yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use kernel::functions::{Body, Invocation, Payload};
use kernel::{Failure, Fault, Host, Key, Record, Task, Tx};
use serde::{Deserialize, Serialize};

use crate::Lambda;
use crate::error::Error;
use crate::invoke;
use crate::place::Place;
use crate::resolve::Resolved;
use crate::tables::{EventSettings, shared_space};

/// The task's name.
pub(crate) const TASK: &str = "lambda/async-invocations";
/// Most asynchronous invocations that run in this process at once.
const RUNNING_MAX: usize = 128;
/// How long a taken ticket stays taken without a sign of life, milliseconds.
const LEASE_MS: i64 = 15_000;
/// Longest time between two looks at the queue.
const PERIOD: Duration = Duration::from_secs(5);
/// Attempts after the first one (AWS: MaximumRetryAttempts).
const RETRIES_MAX: u32 = 2;
/// Oldest event that is still run, seconds (AWS: MaximumEventAgeInSeconds).
const AGE_MAX_S: i64 = 21_600;
/// Longest pause before a throttled or broken call is tried again, milliseconds.
const PAUSE_MS_MAX: i64 = 300_000;

/// An event that waits, or that somebody is working on until `due_ms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    due_ms: i64,
    id: String,
    accepted_ms: i64,
    /// Attempts that ended with an error of the function.
    failures: u32,
    /// Attempts that did not reach it.
    misses: u32,
}

impl Record for Ticket {
    const TABLE: &'static str = "async-tickets";
    fn key(&self) -> Key {
        Key::new().number(u64::try_from(self.due_ms).unwrap_or(0)).text(&self.id)
    }
}

/// What is to be run.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    id: String,
    request_id: String,
    function: String,
    event: String,
    /// Base64 of a body beside the event, and whether it goes into the event in that form.
    body: Option<(String, bool)>,
    client_context: Option<String>,
    trace_id: Option<String>,
}

impl Record for Stored {
    const TABLE: &'static str = "async-payloads";
    fn key(&self) -> Key {
        payload_key(&self.id)
    }
}

fn payload_key(id: &str) -> Key {
    Key::new().text(id)
}

/// Tickets that this process is working on, each with the form it is about to be renewed to.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashMap<String, (Ticket, Option<Ticket>)>>);

impl Running {
    fn begin(&self, ticket: &Ticket) -> bool {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = running.len() < RUNNING_MAX && !running.contains_key(&ticket.id);
        if has_room {
            running.insert(ticket.id.clone(), (ticket.clone(), None));
        }
        has_room
    }

    fn room(&self) -> usize {
        RUNNING_MAX - self.0.lock().unwrap_or_else(PoisonError::into_inner).len().min(RUNNING_MAX)
    }

    /// The forms in which the store may hold the ticket now.
    fn end(&self, id: &str) -> Vec<Ticket> {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        ended
            .map(|(ticket, renewed)| [Some(ticket), renewed].into_iter().flatten().collect())
            .unwrap_or_default()
    }

    /// Those whose lease is to be renewed, each with its new form.
    fn to_renew(&self, now_ms: i64) -> Vec<(Ticket, Ticket)> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ending = running.values_mut().filter(|(ticket, _)| ticket.due_ms - now_ms <= LEASE_MS * 2 / 3);
        let renew = |(ticket, renewed): &mut (Ticket, Option<Ticket>)| {
            let moved = Ticket { due_ms: now_ms + LEASE_MS, ..ticket.clone() };
            *renewed = Some(moved.clone());
            (ticket.clone(), moved)
        };
        ending.map(renew).collect()
    }

    fn renewed(&self, ticket: &Ticket) {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&ticket.id) {
            *known = (ticket.clone(), None);
        }
    }
}

fn begin(host: &Host) -> Tx {
    Tx::new(Arc::clone(&host.store), shared_space())
}

/// Takes an event for `resolved` (called by `invocation.invoked_arn`): durable when it returns.
pub(crate) async fn accept(
    host: &Arc<Host>,
    lambda: &Arc<Lambda>,
    resolved: &Resolved,
    invocation: Invocation,
) -> Result<(), Error> {
    invoke::check_event_size(&invocation)?;
    let Payload { event, body } = invocation.payload;
    let stored = Stored {
        id: host.entropy.uuid(),
        request_id: invocation.request_id,
        function: match invocation.invoked_arn.is_empty() {
            true => resolved.place.to_string(),
            false => invocation.invoked_arn,
        },
        event: String::from_utf8_lossy(&event).into_owned(),
        body: body.map(|body| (BASE64_STANDARD.encode(&body.bytes), body.is_base64)),
        client_context: invocation.client_context,
        trace_id: invocation.trace_id,
    };
    let now_ms = host.clock.now_ms();
    let mut ticket =
        Ticket { due_ms: now_ms, id: stored.id.clone(), accepted_ms: now_ms, failures: 0, misses: 0 };
    // Room here: it is taken at once. None: it waits in the store, for this process or another.
    let leased = Ticket { due_ms: now_ms + LEASE_MS, ..ticket.clone() };
    let is_mine = lambda.running.begin(&leased);
    if is_mine {
        ticket = leased;
    }
    let mut tx = begin(host);
    let written = tx.put(&stored).and_then(|()| tx.put(&ticket));
    let done = match written {
        Ok(()) => tx.commit().await.map(|_| ()),
        Err(fault) => Err(fault),
    };
    if is_mine {
        match done {
            Ok(()) => work(host, lambda, ticket, stored),
            Err(_) => drop(lambda.running.end(&ticket.id)),
        }
    }
    done.map_err(Error::from)
}

/// Runs a taken ticket beside everything else.
fn work(host: &Arc<Host>, lambda: &Arc<Lambda>, ticket: Ticket, stored: Stored) {
    let (host, lambda) = (Arc::clone(host), Arc::clone(lambda));
    kernel::spawn(TASK, async move {
        let outcome = attempt(&host, &lambda, &ticket, &stored).await;
        let forms = lambda.running.end(&ticket.id);
        if let Err(fault) = conclude(&host, &forms, &stored, outcome).await {
            // The lease ends, and somebody runs it again.
            tracing::error!(
                function = stored.function,
                error = kernel::error::chain(&fault),
                "the end of an asynchronous invocation was not stored"
            );
        }
        host.signals.wake(TASK);
    });
}

/// How an attempt ended.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    Failed { settings: (u32, i64) },
    Missed { settings: (u32, i64) },
    GivenUp(String),
}

fn settings(events: &EventSettings) -> (u32, i64) {
    (events.retries_max.unwrap_or(RETRIES_MAX), events.age_max_s.unwrap_or(AGE_MAX_S))
}

async fn attempt(host: &Host, lambda: &Lambda, ticket: &Ticket, stored: &Stored) -> Outcome {
    let Some(place) = Place::parse(&stored.function, "", "") else {
        return Outcome::GivenUp("its function has no name".to_owned());
    };
    let resolved = match invoke::ready(host, lambda, &stored.function, &place).await {
        Ok(resolved) => resolved,
        Err(error @ (Error::FunctionNotFound(_) | Error::InvalidRuntime(_))) => {
            return Outcome::GivenUp(error.to_string());
        }
        Err(_) => return Outcome::Missed { settings: (RETRIES_MAX, AGE_MAX_S) },
    };
    let settings = settings(&resolved.events);
    // AWS: Configuring reserved concurrency: with a reservation of zero new events go to the dead-letter target without a retry.
    if resolved.target.reserved_concurrency == Some(0) {
        return Outcome::GivenUp("its function is stopped".to_owned());
    }
    if host.clock.now_ms() - ticket.accepted_ms > settings.1 * 1000 {
        return Outcome::GivenUp("it has become too old".to_owned());
    }
    let decoded = stored
        .body
        .as_ref()
        .map(|(bytes, is_base64)| (BASE64_STANDARD.decode(bytes).unwrap_or_default(), *is_base64));
    let invocation = Invocation {
        request_id: stored.request_id.clone(),
        invoked_arn: stored.function.clone(),
        payload: Payload {
            event: Bytes::copy_from_slice(stored.event.as_bytes()),
            body: decoded.map(|(bytes, is_base64)| Body { bytes: bytes.into(), is_base64 }),
        },
        client_context: stored.client_context.clone(),
        trace_id: stored.trace_id.clone(),
        ..Invocation::default()
    };
    match invoke::run(host, &resolved, invocation).await {
        Ok(answer) if !answer.is_error => Outcome::Done,
        Ok(_) => Outcome::Failed { settings },
        Err(_) => Outcome::Missed { settings },
    }
}

/// When a ticket is due again after an attempt, and with which counts; `None` if it is over.
fn next(ticket: &Ticket, outcome: &Outcome, now_ms: i64) -> Option<Ticket> {
    let (failures, misses, pause_ms, age_max_s) = match outcome {
        Outcome::Done | Outcome::GivenUp(_) => return None,
        Outcome::Failed { settings: (retries_max, age_max_s) } => {
            if ticket.failures >= *retries_max {
                return None;
            }
            (ticket.failures + 1, 0, 60_000 * i64::from(ticket.failures + 1), *age_max_s)
        }
        Outcome::Missed { settings: (_, age_max_s) } => (
            ticket.failures,
            ticket.misses + 1,
            (1000_i64 << ticket.misses.min(9)).min(PAUSE_MS_MAX),
            *age_max_s,
        ),
    };
    let due_ms = now_ms + pause_ms;
    (due_ms - ticket.accepted_ms <= age_max_s * 1000).then(|| Ticket {
        due_ms,
        failures,
        misses,
        ..ticket.clone()
    })
}

/// Writes down how an attempt ended. Does nothing if the lease was lost meanwhile.
async fn conclude(host: &Host, forms: &[Ticket], stored: &Stored, outcome: Outcome) -> Result<(), Fault> {
    let Some(ticket) = forms.first() else { return Ok(()) };
    let following = next(ticket, &outcome, host.clock.now_ms());
    if following.is_none() && outcome != Outcome::Done {
        tracing::warn!(
            function = stored.function,
            request = stored.request_id,
            ?outcome,
            "an asynchronous invocation is given up"
        );
    }
    loop {
        let mut tx = begin(host);
        let mut held = None;
        for form in forms {
            held = tx.get::<Ticket>(&form.key()).await?.or(held);
        }
        let Some(held) = held else { return Ok(()) };
        tx.delete::<Ticket>(&held.key());
        match &following {
            Some(following) => tx.put(following)?,
            None => {
                // Got first, so that all its pieces go.
                let _: Option<Stored> = tx.get(&payload_key(&ticket.id)).await?;
                tx.delete::<Stored>(&payload_key(&ticket.id));
            }
        }
        match tx.commit().await {
            Err(Fault::Conflict) => {}
            other => return other.map(|_| ()),
        }
    }
}

/// Looks at the queue.
pub(crate) struct AsyncInvocations {
    pub lambda: Arc<Lambda>,
}

impl Task for AsyncInvocations {
    fn name(&self) -> &'static str {
        TASK
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            self.renew(host).await?;
            Ok(self.take(host).await?)
        })
    }
}

impl AsyncInvocations {
    /// Moves the leases of what is being worked on.
    async fn renew(&self, host: &Host) -> Result<(), Fault> {
        for (ticket, moved) in self.lambda.running.to_renew(host.clock.now_ms()) {
            if replace(host, &ticket, &moved).await? {
                self.lambda.running.renewed(&moved);
            }
        }
        Ok(())
    }

    /// Takes what is due, oldest first, as far as there is room. Gives how long until the next is due.
    async fn take(&self, host: &Arc<Host>) -> Result<Option<Duration>, Fault> {
        let tx = begin(host);
        let listed = tx.list::<Ticket>(&Key::new(), None, self.lambda.running.room() + RUNNING_MAX).await?;
        let now_ms = host.clock.now_ms();
        for ticket in listed {
            if ticket.due_ms > now_ms {
                let wait = u64::try_from(ticket.due_ms - now_ms).unwrap_or(0);
                return Ok(Some(Duration::from_millis(wait)));
            }
            let leased = Ticket { due_ms: now_ms + LEASE_MS, ..ticket.clone() };
            if self.lambda.running.room() == 0 {
                return Ok(None);
            }
            if !self.lambda.running.begin(&leased) {
                continue;
            }
            let stored = match replace(host, &ticket, &leased).await {
                Ok(true) => begin(host).peek::<Stored>(&payload_key(&ticket.id)).await?,
                _ => None,
            };
            match stored {
                Some(stored) => work(host, &self.lambda, leased, stored),
                None => drop(self.lambda.running.end(&ticket.id)),
            }
        }
        Ok(None)
    }
}

/// Moves a ticket; false if another was quicker.
async fn replace(host: &Host, old: &Ticket, new: &Ticket) -> Result<bool, Fault> {
    let mut tx = begin(host);
    if tx.get::<Ticket>(&old.key()).await?.is_none() {
        return Ok(false);
    }
    tx.delete::<Ticket>(&old.key());
    tx.put(new)?;
    match tx.commit().await {
        Ok(_) => Ok(true),
        Err(Fault::Conflict) => Ok(false),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests;
