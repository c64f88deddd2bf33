//! A clock that stands until it is moved.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::Clock;
use tokio::sync::watch;

/// 2024-01-01T00:00:00Z in milliseconds: when every test begins.
pub const START_MS: i64 = 1_704_067_200_000;

/// Numbers that lie so near to the beginning are moments in milliseconds.
pub const NEAR_MS: i64 = 400 * 86_400_000;

/// The clock of a test.
pub struct FakeClock {
    now: watch::Sender<Duration>,
    /// Moments that somebody waits for, or waited for.
    awaited: Mutex<Vec<Duration>>,
}

impl Default for FakeClock {
    fn default() -> FakeClock {
        FakeClock { now: watch::Sender::new(Duration::ZERO), awaited: Mutex::default() }
    }
}

impl FakeClock {
    /// Moves the clock on, and wakes whoever waited for a moment until then.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now += by);
    }

    /// How long until the next moment that somebody waits for. Whoever stopped waiting still counts.
    pub fn until_next(&self) -> Option<Duration> {
        let now = *self.now.borrow();
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.retain(|moment| *moment > now);
        awaited.iter().min().map(|moment| *moment - now)
    }
}

impl Clock for FakeClock {
    fn now_ms(&self) -> i64 {
        START_MS + i64::try_from(self.now.borrow().as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        *self.now.borrow()
    }

    fn sleep_until(&self, until: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        if *now.borrow() < until {
            self.awaited.lock().unwrap_or_else(PoisonError::into_inner).push(until);
        }
        async move {
            // The sender is gone only when the test is over.
            let _ = now.wait_for(|now| *now >= until).await;
        }
        .boxed()
    }
}
