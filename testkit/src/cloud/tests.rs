//! Time in the cloud.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::Clock;

use super::*;
use crate::clock::START_MS;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn sleepers_wake_in_order() {
    block_on(async {
        let (cloud, woken) = (Cloud::new(), Arc::new(AtomicU32::new(0)));
        for (seconds, bit) in [(3, 4), (1, 1), (2, 2)] {
            let (sleep, woken) = (cloud.host.clock.sleep(Duration::from_secs(seconds)), Arc::clone(&woken));
            kernel::spawn("test", async move {
                sleep.await;
                // Each wakes when those before it have: their bits are below its own.
                assert_eq!(woken.fetch_or(bit, Ordering::SeqCst), bit - 1);
            });
        }
        for (ms, bits) in [(999, 0), (1, 1), (1500, 3), (10_000, 7)] {
            cloud.advance(Duration::from_millis(ms)).await;
            assert_eq!(woken.load(Ordering::SeqCst), bits, "{ms}");
        }
        assert_eq!(cloud.clock.now_ms(), START_MS + 12_500);
    });
}

#[test]
fn a_step_that_waits_moves_the_clock() {
    block_on(async {
        let cloud = Cloud::new();
        let slept = cloud.host.clock.sleep(Duration::from_secs(40));
        assert_eq!(cloud.finish(slept).await, Some(()));
        assert_eq!(cloud.clock.now_ms(), START_MS + 40_000);
        assert_eq!(cloud.finish(std::future::pending::<()>()).await, None);
    });
}

#[test]
fn the_same_calls_give_the_same_identifiers() {
    let ids = || block_on(async { Cloud::new().host.entropy.uuid() });
    assert_eq!(ids(), ids());
}
