//! Making a function's code ready to start: Pending -> Active, InProgress -> Successful, or Failed.
//!
//! Runs beside the request that asked for it. What was begun is written down with the change itself and found again after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::functions::ComputeError;
use kernel::{Failure, Fault, Host, Key, Task, Tx};

use crate::configuration::{State, Update};
use crate::place::{LATEST, Place};
use crate::tables::{
    Function, Preparation, Published, function_key, preparation_key, shared_space, version_key,
};

/// How long a preparation may have been going on before the task looks after it, milliseconds.
const OVERDUE_MS: i64 = 60_000;
const LISTED_MAX: usize = 1000;

/// Writes down, in the change's own commit, that the function's code must be made ready.
pub(crate) fn begin(host: &Host, tx: &mut Tx, place: &Place) -> Result<(), Fault> {
    tx.enter(shared_space());
    tx.put(&Preparation {
        account: place.account.clone(),
        region: place.region.clone(),
        name: place.name.clone(),
        since_ms: host.clock.now_ms(),
    })?;
    tx.enter(place.scope().space(crate::ID));
    Ok(())
}

/// Makes the function's code ready, beside the request.
pub(crate) fn start(host: &Arc<Host>, place: &Place) {
    let (host, place) = (Arc::clone(host), Place { qualifier: None, ..place.clone() });
    kernel::spawn("lambda/prepare", async move {
        if let Err(fault) = prepare(&host, &place).await {
            tracing::error!(function = %place, error = kernel::error::chain(&fault), "code was not made ready; it is tried again later");
        }
    });
}

/// Makes the newest code of a function ready, and says so in its record.
async fn prepare(host: &Host, place: &Place) -> Result<(), Fault> {
    loop {
        let function: Option<Function> = place.begin(host).peek(&function_key(&place.name)).await?;
        let outcome = match &function {
            Some(function) if function.latest.is_preparing() => {
                let version = function.latest.for_fleet(function, place, LATEST);
                Some((version.revision.clone(), host.rooms().compute.prepare(version).await))
            }
            _ => None,
        };
        match settle(host, place, outcome).await {
            Err(Fault::Conflict) | Ok(false) => {}
            Err(fault) => return Err(fault),
            Ok(true) => return Ok(()),
        }
    }
}

/// Writes down how it went; false if the function was changed meanwhile and must be made ready again.
async fn settle(
    host: &Host,
    place: &Place,
    outcome: Option<(String, Result<(), ComputeError>)>,
) -> Result<bool, Fault> {
    let mut tx = place.begin(host);
    let function: Option<Function> = tx.get(&function_key(&place.name)).await?;
    if let Some(mut function) = function.filter(|function| function.latest.is_preparing()) {
        let Some((_, outcome)) = outcome.filter(|(build, _)| *build == function.latest.build) else {
            return Ok(false);
        };
        let failed = outcome.err().map(|error| match error {
            ComputeError::Unavailable(text) => ("InvalidRuntime".to_owned(), text),
            other => ("InternalError".to_owned(), other.to_string()),
        });
        settle_published(&mut tx, host, &function, failed.as_ref()).await?;
        conclude(&mut function.latest, failed);
        function.latest.revision_id = host.entropy.uuid();
        tx.put(&function)?;
        let compute = &host.rooms().compute;
        compute.retire(&place.arn(), LATEST, Some(&function.latest.build));
    }
    tx.enter(shared_space());
    tx.delete::<Preparation>(&preparation_key(&place.account, &place.region, &place.name));
    tx.commit().await?;
    Ok(true)
}

/// A version published with a change of `$LATEST` becomes ready with it.
async fn settle_published(
    tx: &mut Tx,
    host: &Host,
    function: &Function,
    failed: Option<&(String, String)>,
) -> Result<(), Fault> {
    let Some(number) = function.next_version.checked_sub(1).filter(|number| *number > 0) else {
        return Ok(());
    };
    let Some(mut version) = tx.get::<Published>(&version_key(&function.name, number)).await? else {
        return Ok(());
    };
    if version.configuration.is_preparing() && version.configuration.build == function.latest.build {
        conclude(&mut version.configuration, failed.cloned());
        version.configuration.revision_id = host.entropy.uuid();
        tx.put(&version)?;
    }
    Ok(())
}

fn conclude(configuration: &mut crate::configuration::Configuration, failed: Option<(String, String)>) {
    match failed {
        None => (configuration.state, configuration.update) = (State::Active, Update::Successful),
        Some((code, reason)) => {
            configuration.update = Update::Failed { code: code.clone(), reason: reason.clone() };
            if configuration.state != State::Active {
                configuration.state = State::Failed { code, reason };
            }
        }
    }
}

/// Finds preparations that a crash interrupted: all of them at the start, later only what takes too long.
#[derive(Default)]
pub(crate) struct Preparations {
    has_run: AtomicBool,
}

impl Task for Preparations {
    fn name(&self) -> &'static str {
        "lambda/preparations"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            let is_start = !self.has_run.swap(true, Ordering::Relaxed);
            let tx = Tx::new(Arc::clone(&host.store), shared_space());
            for found in tx.list::<Preparation>(&Key::new(), None, LISTED_MAX).await? {
                if is_start || host.clock.now_ms() - found.since_ms > OVERDUE_MS {
                    let Preparation { account, region, name, .. } = found;
                    prepare(host, &Place { account, region, name, qualifier: None }).await?;
                }
            }
            Ok(None)
        })
    }
}
