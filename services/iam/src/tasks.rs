//! Sessions that ended are cleared away, a day later, so that until then their requests are told that they expired.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::{Failure, Fault, Host, Key, Record, Task};

use crate::credentials::{self, Expiry, Session};

/// How long an ended session is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 86_400_000;
/// Most sessions that one commit removes.
const SWEEP_MAX: usize = 1_000;

/// Clears away ended sessions.
pub struct SweepSessions;

impl Task for SweepSessions {
    fn name(&self) -> &'static str {
        "iam/sessions"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn run<'a>(&'a self, host: &'a Arc<Host>) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            loop {
                let mut tx = credentials::begin(host);
                let before_ms = host.clock.now_ms() - REMEMBERED_MS;
                let mut ended: Vec<Expiry> = tx.list(&Key::new(), None, SWEEP_MAX).await?;
                let is_last = ended.len() < SWEEP_MAX;
                ended.retain(|expiry| expiry.expires_ms < before_ms);
                for expiry in &ended {
                    tx.delete::<Session>(&Key::new().text(&expiry.id));
                    tx.delete::<Expiry>(&expiry.key());
                }
                match tx.commit().await {
                    Ok(_) if is_last || ended.is_empty() => return Ok(None),
                    Ok(_) | Err(Fault::Conflict) => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
        })
    }
}
