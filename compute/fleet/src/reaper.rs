//! Puts idle environments to sleep and ends those that nobody uses.
//!
//! What always holds: an environment is never taken from an invocation; a frozen one thaws when it is next used; one whose credentials
//! grow old is replaced while it is idle; the server can end at any moment (the sandbox ends what it started).

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use crate::Shared;
use crate::start::CREDENTIALS_S;

/// Time between two looks.
const PERIOD: Duration = Duration::from_millis(500);
/// Oldest environment that is used again: its credentials are then good for another hour.
const AGE_MAX: Duration = Duration::from_secs(CREDENTIALS_S as u64 - 3600);

/// Works as long as the fleet exists.
pub(crate) async fn run(fleet: Weak<Shared>) {
    loop {
        let Some(shared) = fleet.upgrade() else { return };
        let pause = shared.host.clock.sleep(PERIOD);
        drop(shared);
        pause.await;
        let Some(shared) = fleet.upgrade() else { return };
        if let Err(error) = tokio::task::spawn_blocking(move || shared.reap()).await {
            tracing::error!(%error, "looking after idle environments failed");
        }
    }
}

impl Shared {
    /// One look at all environments. Blocking: a freeze takes its time.
    fn reap(&self) {
        let now = self.host.clock.monotonic();
        let pools = self.all_pools();
        let packages =
            pools.iter().flat_map(|pool| std::iter::once(&pool.version.code).chain(&pool.version.layers));
        let in_use: HashSet<String> = packages.map(|code| code.sha256.clone()).collect();
        for pool in pools {
            drop(pool.take_idle(self.config.stop_after, now, |_| true));
            drop(pool.take_idle(Duration::ZERO, now, |environment| {
                now.saturating_sub(environment.born) > AGE_MAX
            }));
            let mut sleepy =
                pool.take_idle(self.config.freeze_after, now, |environment| !environment.is_frozen());
            for environment in &mut sleepy {
                environment.freeze();
            }
            pool.put_back(sleepy);
        }
        self.forget_empty_pools();
        self.code.sweep(&in_use, now);
    }

    fn forget_empty_pools(&self) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds a pool is about to use it.
        pools.retain(|_, of_function| {
            of_function.retain(|pool| !pool.is_empty() || Arc::strong_count(pool) > 1);
            !of_function.is_empty()
        });
    }

    /// Ends the environment that has been idle longest, to make room.
    pub(crate) fn end_longest_idle(&self) {
        let oldest = self
            .all_pools()
            .into_iter()
            .filter_map(|pool| Some((pool.idle_since()?, pool)))
            .min_by_key(|it| it.0);
        if let Some((since, pool)) = oldest {
            drop(pool.take_idle(Duration::ZERO, since, |environment| environment.idle_since == since));
        }
    }
}
