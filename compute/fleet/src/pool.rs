//! The environments of one function version: who gets which, who waits, who starts another.
//!
//! What always holds: an environment is in one place only: idle here, or with the invocation that uses it; one invocation at a time;
//! the most recently used one is taken first, so that the others fall asleep; a freed environment goes to the longest waiting
//! invocation, whose frame is sent before its task is even woken. Where invocations are short, those that wait are sent ahead, into the
//! mailbox of an environment that is busy; they come back when that takes longer than was thought.

#![allow(clippy::vec_box, reason = "environments are handed on, and are large")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::functions::FunctionVersion;
use tokio::sync::oneshot;

use crate::concurrency::Counter;
use crate::environment::Environment;
use crate::limits::WAITERS_MAX;
use crate::request::Request;
use runtimes::frame::MESSAGE_LEN_MAX;

/// The environments of one version at one revision.
pub struct Pool {
    pub version: Arc<FunctionVersion>,
    pub function: Arc<Counter>,
    pub account: Arc<Counter>,
    cores: u32,
    is_retired: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The most recently used last.
    idle: Vec<Box<Environment>>,
    waiting: VecDeque<Waiter>,
    next_number: u64,
    releases: u64,
    /// When an environment became free last.
    released: Duration,
    busy: u32,
    starting: u32,
    times: Times,
}

impl State {
    fn take_waiter(&mut self, number: u64) -> Option<Request> {
        let at = self.waiting.iter().position(|waiter| waiter.number == number)?;
        Some(self.waiting.remove(at)?.request)
    }

    fn is_waiting(&self, number: u64) -> bool {
        self.waiting.iter().any(|waiter| waiter.number == number)
    }

    /// Those that are to be sent ahead to an environment.
    fn take_for_mailbox(&mut self, environment: &Environment) -> Vec<Waiter> {
        if self.waiting.is_empty() || !environment.takes_ahead() {
            return Vec::new();
        }
        let room = ahead_max(self.times).saturating_sub(environment.ahead());
        let fits = |waiter: &&Waiter| waiter.request.len() <= MESSAGE_LEN_MAX;
        let count = self.waiting.iter().take(room).take_while(fits).count();
        self.waiting.drain(..count).collect()
    }

    fn load(&self) -> Load {
        Load { busy: self.busy, starting: self.starting, waiting: self.waiting.len(), times: self.times }
    }
}

/// An invocation in the queue, or in an environment's mailbox.
pub struct Waiter {
    number: u64,
    pub request: Request,
    pub sender: oneshot::Sender<Box<Environment>>,
}

/// A place in the queue. Who takes it out of the queue decides: a freed environment's release, or the invocation itself that
/// [leaves](Pool::leave) to start its own. So an invocation is sent once.
pub struct Ticket {
    pub number: u64,
    pub receiver: oneshot::Receiver<Box<Environment>>,
    /// It should stand there this long before it starts an environment of its own.
    pub patience: Duration,
    /// How often an environment had become free when this patience began.
    releases: u64,
}

/// Running means, from which the expected wait is guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Mean duration of an invocation; `None` before the first.
    pub invoke: Option<Duration>,
    /// Mean duration of a start; `None` before the first.
    pub start: Option<Duration>,
}

/// A start is guessed to take this long before one was seen.
const START_GUESS: Duration = Duration::from_millis(150);

impl Times {
    fn start_guess(&self) -> Duration {
        self.start.unwrap_or(START_GUESS)
    }
}

/// What an invocation finds.
pub enum Admission {
    /// An idle environment, on which it has begun.
    Warm(Box<Environment>),
    /// It stands in the queue.
    Wait(Ticket),
}

/// What becomes of an invocation whose patience is over.
pub enum Reconsidered {
    Warm(Box<Environment>),
    /// It waits for [`Ticket::patience`] again.
    Stay,
    /// It is to start an environment.
    Leave,
}

/// How things stand when no environment is idle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    pub busy: u32,
    pub starting: u32,
    pub waiting: usize,
    pub times: Times,
}

/// Is waiting for one of the environments there are the better choice? Pure.
///
/// Without a measured duration one invocation's patience is spent on finding out: a function whose first answer is not in after
/// the time of a start gets another environment then.
pub fn should_wait(load: Load) -> bool {
    if load.busy + load.starting == 0 || load.waiting >= WAITERS_MAX {
        return false;
    }
    let Some(invoke) = load.times.invoke else { return true };
    let environments = f64::from(load.busy + load.starting);
    let expected = invoke.mul_f64((load.waiting + 1) as f64 / environments);
    expected < load.times.start_guess()
}

/// A wait as short as this is better than waking another environment, and is not noticed when the guess was wrong.
pub const SHORT_WAIT: Duration = Duration::from_millis(5);

/// Is waiting for a busy environment better even than an idle one? Pure.
///
/// For short invocations it is, once as many environments work as half of the machine's cores: one that goes from invocation to
/// invocation without sleeping does more than two that take turns, and the server and its clients need cores, too.
pub fn should_pass_idle(load: Load, cores: u32) -> bool {
    if load.busy < (cores / 2).max(1) {
        return false;
    }
    let Some(invoke) = load.times.invoke else { return false };
    invoke.mul_f64((load.waiting + 1) as f64 / f64::from(load.busy)) < SHORT_WAIT
}

/// Most invocations that lie in an environment's mailbox.
const AHEAD_MAX: usize = 8;
/// All together should be done within this time.
const AHEAD_SPAN: Duration = Duration::from_millis(1);

/// How many invocations may lie in a mailbox: some where they are short, none where they are not or where that is not known. Pure.
///
/// A process that finds its next invocation when it has answered the last does not fall asleep in between, and need not be woken: for
/// short ones that is half of the work.
pub fn ahead_max(times: Times) -> usize {
    let Some(invoke) = times.invoke else { return 0 };
    let fit = AHEAD_SPAN.as_nanos() / invoke.as_nanos().max(1);
    usize::try_from(fit).map_or(AHEAD_MAX, |fit| fit.min(AHEAD_MAX))
}

/// How much of a single slow value counts, as a multiple of the mean: one stall must not start a crowd of environments.
const OUTLIER: u32 = 4;

/// A running mean that follows changes within some ten values.
fn mean(known: Option<Duration>, value: Duration) -> Option<Duration> {
    Some(known.map_or(value, |known| known.mul_f64(0.8) + value.min(known * OUTLIER).mul_f64(0.2)))
}

impl Pool {
    pub fn new(
        version: Arc<FunctionVersion>,
        function: Arc<Counter>,
        account: Arc<Counter>,
        cores: u32,
    ) -> Pool {
        Pool {
            version,
            function,
            account,
            cores,
            is_retired: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Finds an environment for a request, or a place in the queue.
    pub fn admit(&self, request: Request, now: Duration, now_ms: i64) -> Admission {
        let mut state = self.lock();
        // Only while environments do become free: the one that is busy may have got a long invocation for once.
        let is_moving = now.saturating_sub(state.released) < SHORT_WAIT;
        let passes_idle = is_moving && !state.idle.is_empty() && should_pass_idle(state.load(), self.cores);
        if !passes_idle && let Some(mut environment) = state.idle.pop() {
            state.busy += 1;
            drop(state);
            environment.begin(request, now, now_ms);
            return Admission::Warm(environment);
        }
        let patience = match should_wait(state.load()) {
            _ if passes_idle => SHORT_WAIT,
            true => state.times.start_guess(),
            false => Duration::ZERO,
        };
        let (sender, receiver) = oneshot::channel();
        let number = state.next_number;
        state.next_number += 1;
        state.waiting.push_back(Waiter { number, request, sender });
        Admission::Wait(Ticket { number, receiver, patience, releases: state.releases })
    }

    /// An invocation's patience is over: it gets an idle environment if there is one; else it stays for another while if the queue
    /// has moved meanwhile and is expected to go on so.
    pub fn reconsider(&self, ticket: &mut Ticket, now: Duration, now_ms: i64) -> Reconsidered {
        let mut state = self.lock();
        if !state.is_waiting(ticket.number) {
            // It is in a mailbox, from which it may come back, or an environment is on its way.
            ticket.patience = SHORT_WAIT;
            return Reconsidered::Stay;
        }
        if !state.idle.is_empty()
            && let Some(request) = state.take_waiter(ticket.number)
            && let Some(mut environment) = state.idle.pop()
        {
            state.busy += 1;
            drop(state);
            environment.begin(request, now, now_ms);
            return Reconsidered::Warm(environment);
        }
        // A short wait tells nothing of an invocation that is not short.
        let has_moved = ticket.releases != state.releases || ticket.patience == SHORT_WAIT;
        ticket.releases = state.releases;
        ticket.patience = state.times.start_guess();
        if has_moved && should_wait(state.load()) { Reconsidered::Stay } else { Reconsidered::Leave }
    }

    /// Leaves the queue to start an environment. `None`: too late, one is on its way.
    pub fn leave(&self, number: u64) -> Option<Request> {
        let mut state = self.lock();
        let request = state.take_waiter(number)?;
        state.starting += 1;
        Some(request)
    }

    /// A start is over, and its environment busy with the invocation that asked for it.
    pub fn started(&self, took: Duration) {
        let mut state = self.lock();
        state.starting = state.starting.saturating_sub(1);
        state.busy += 1;
        state.times.start = mean(state.times.start, took);
    }

    /// A start failed.
    pub fn not_started(&self) {
        let mut state = self.lock();
        state.starting = state.starting.saturating_sub(1);
    }

    /// An environment has ended with its invocation.
    pub fn lost(&self) {
        let mut state = self.lock();
        state.busy = state.busy.saturating_sub(1);
    }

    /// An invocation is over and its environment free: the next one in the queue has it at once, else it is idle.
    pub fn release(&self, mut environment: Box<Environment>, took: Duration, now: Duration, now_ms: i64) {
        let mut state = self.lock();
        state.releases += 1;
        state.released = now;
        state.times.invoke = mean(state.times.invoke, took);
        let is_retired = self.is_retired();
        if environment.ahead() > 0 {
            let more = if is_retired { Vec::new() } else { state.take_for_mailbox(&environment) };
            drop(state);
            self.send_ahead(&mut environment, more, now, now_ms);
            self.go_on(environment, now, now_ms);
            return;
        }
        if is_retired {
            state.busy = state.busy.saturating_sub(1);
            return; // Dropping the environment ends its process.
        }
        let Some(waiter) = state.waiting.pop_front() else {
            state.busy = state.busy.saturating_sub(1);
            environment.idle_since = now;
            state.idle.push(environment);
            return;
        };
        let more = state.take_for_mailbox(&environment);
        drop(state);
        environment.begin(waiter.request, now, now_ms);
        self.send_ahead(&mut environment, more, now, now_ms);
        self.hand_over(waiter.sender, environment);
    }

    /// An environment is of no use any more. What its process has not taken from the mailbox comes back into the queue; what it has, has
    /// begun, and ends with it.
    pub fn end(&self, mut environment: Box<Environment>, now: Duration, now_ms: i64) {
        self.take_back(environment.end(), now, now_ms);
        self.go_on(environment, now, now_ms);
    }

    /// The next invocation in the environment's mailbox is under way. Without any, the environment ends.
    fn go_on(&self, mut environment: Box<Environment>, now: Duration, now_ms: i64) {
        match environment.begin_ahead(now, now_ms) {
            Some(sender) => self.hand_over(sender, environment),
            None => {
                drop(environment);
                self.lost();
            }
        }
    }

    fn hand_over(&self, sender: oneshot::Sender<Box<Environment>>, environment: Box<Environment>) {
        if let Err(mut environment) = sender.send(environment) {
            // Only when the server ends are invocations dropped.
            drop(environment.end());
            self.lost();
        }
    }

    fn send_ahead(&self, environment: &mut Environment, waiters: Vec<Waiter>, now: Duration, now_ms: i64) {
        let mut refused = Vec::new();
        for waiter in waiters {
            match refused.is_empty() {
                true => refused.extend(environment.send_ahead(waiter, now_ms).err()),
                false => refused.push(waiter),
            }
        }
        self.take_back(refused, now, now_ms);
    }

    /// Puts invocations, the longest waiting first, back to the front of the queue; or on environments that are idle.
    pub fn take_back(&self, waiters: Vec<Waiter>, now: Duration, now_ms: i64) {
        let mut served = Vec::new();
        if waiters.is_empty() {
            return;
        }
        let mut state = self.lock();
        let mut waiters = waiters.into_iter();
        while !state.idle.is_empty()
            && let Some(waiter) = waiters.next()
            && let Some(environment) = state.idle.pop()
        {
            state.busy += 1;
            served.push((waiter, environment));
        }
        for waiter in waiters.rev() {
            state.waiting.push_front(waiter);
        }
        drop(state);
        for (waiter, mut environment) in served {
            environment.begin(waiter.request, now, now_ms);
            self.hand_over(waiter.sender, environment);
        }
    }

    /// Takes the environments out that have been idle for `period`, the longest idle first.
    pub fn take_idle(
        &self,
        period: Duration,
        now: Duration,
        which: impl Fn(&Environment) -> bool,
    ) -> Vec<Box<Environment>> {
        let mut state = self.lock();
        let is_due = |it: &Environment| now.saturating_sub(it.idle_since) >= period && which(it);
        if !state.idle.iter().any(|it| is_due(it)) {
            return Vec::new();
        }
        let (due, kept) = std::mem::take(&mut state.idle).into_iter().partition(|it| is_due(it));
        state.idle = kept;
        due
    }

    /// Puts idle environments back, below those used since.
    pub fn put_back(&self, environments: Vec<Box<Environment>>) {
        if environments.is_empty() || self.is_retired() {
            return;
        }
        let mut state = self.lock();
        state.idle.splice(0..0, environments);
    }

    /// No environment of this pool is used again: idle ones end now, busy ones after their invocation.
    pub fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
        let idle = std::mem::take(&mut self.lock().idle);
        drop(idle);
    }

    pub fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    /// Neither environments nor anybody who waits for one.
    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.busy == 0 && state.starting == 0 && state.waiting.is_empty()
    }

    /// When the longest idle environment became so.
    pub fn idle_since(&self) -> Option<Duration> {
        self.lock().idle.first().map(|environment| environment.idle_since)
    }

    /// Idle, busy and starting environments.
    pub fn counts(&self) -> (usize, u32, u32) {
        let state = self.lock();
        (state.idle.len(), state.busy, state.starting)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_or_starting() {
        let ms = |ms: u64| Some(Duration::from_millis(ms));
        let check = |busy, starting, waiting, invoke, start, expect| {
            let load = Load { busy, starting, waiting, times: Times { invoke, start } };
            assert_eq!(should_wait(load), expect, "{load:?}");
        };
        check(0, 0, 0, None, None, false);
        check(0, 0, 0, ms(1), ms(100), false);
        check(0, 1, 0, None, None, true);
        check(1, 0, 5, None, None, true);
        check(1, 0, 0, ms(1), ms(100), true);
        check(1, 0, 63, ms(1), ms(100), true);
        check(1, 0, 100, ms(1), ms(100), false);
        check(4, 0, 100, ms(1), ms(100), true);
        check(1, 0, 0, ms(1000), ms(100), false);
        check(1, 0, 0, ms(1000), None, false);
        check(1, 0, WAITERS_MAX, ms(0), ms(100), false);
    }

    #[test]
    fn passing_an_idle_one_by() {
        let check = |busy, waiting, invoke: Option<u64>, cores, expect| {
            let times = Times { invoke: invoke.map(Duration::from_micros), start: None };
            let load = Load { busy, starting: 0, waiting, times };
            assert_eq!(should_pass_idle(load, cores), expect, "{load:?} {cores}");
        };
        check(0, 0, Some(30), 2, false);
        check(1, 0, None, 2, false);
        check(1, 0, Some(30), 2, true);
        check(1, 63, Some(30), 2, true);
        check(1, 63, Some(300), 2, false);
        check(1, 0, Some(30), 8, false);
        check(4, 0, Some(30), 8, true);
        check(1, 0, Some(30), 1, true);
        check(4, 0, Some(100_000), 2, false);
    }

    #[test]
    fn only_short_invocations_are_sent_ahead() {
        let check = |invoke: Option<u64>, expect| {
            let times = Times { invoke: invoke.map(Duration::from_micros), start: None };
            assert_eq!(ahead_max(times), expect, "{invoke:?}");
        };
        check(None, 0);
        check(Some(0), AHEAD_MAX);
        check(Some(30), AHEAD_MAX);
        check(Some(300), 3);
        check(Some(1_000), 1);
        check(Some(1_001), 0);
        check(Some(3_000_000), 0);
    }

    #[test]
    fn means_follow() {
        let first = mean(None, Duration::from_secs(1));
        assert_eq!(first, Some(Duration::from_secs(1)));
        assert_eq!(mean(first, Duration::ZERO), Some(Duration::from_millis(800)));
    }
}
