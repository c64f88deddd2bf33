//! Background reconcilers: periodic and signalled, without input, idempotent, resumable after a crash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;

use crate::clock::spawn;
use crate::ctx::Host;
use crate::error::{Failure, chain};

/// A reconciler: looks at the state, does what is due, and says when to look again.
pub trait Task: Send + Sync + 'static {
    /// Name, such as `lambda/async-invocations`; also the name of its signal.
    fn name(&self) -> &'static str;
    /// Longest time between two runs.
    fn period(&self) -> Duration;
    /// One run. Gives how long to wait before the next one if that is sooner than the period.
    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>>;
}

/// Wakes tasks by name.
#[derive(Default)]
pub struct Signals(Mutex<HashMap<&'static str, Arc<Notify>>>);

impl Signals {
    /// Makes the task run soon, once for any number of signals that come before it does.
    pub fn wake(&self, task: &'static str) {
        self.of(task).notify_one();
    }

    fn of(&self, task: &'static str) -> Arc<Notify> {
        let mut signals = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(signals.entry(task).or_default())
    }
}

/// Runs a task for ever: at once, then whenever its period is over or it is signalled.
pub fn start(host: Arc<Host>, task: Arc<dyn Task>) {
    let signal = host.signals.of(task.name());
    spawn(task.name(), async move {
        loop {
            let wait = match task.run(&host).await {
                Ok(sooner) => sooner.unwrap_or(task.period()).min(task.period()),
                Err(failure) => {
                    tracing::error!(
                        task = task.name(),
                        error = chain(&failure),
                        "a background task failed; it runs again later"
                    );
                    task.period()
                }
            };
            tokio::select! {
                () = signal.notified() => {}
                () = host.clock.sleep(wait) => {}
            }
        }
    });
}
