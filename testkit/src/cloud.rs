//! A whole cloud in memory: every service, the data plane, and functions that do what a case says.
//!
//! It is furnished as `loggia serve` furnishes the house, but for the stores, the clock, randomness and the fleet. Time stands until it is
//! moved; background tasks run whenever the test waits for something. The same calls give the same identifiers.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use access::Guard;
use blobs::MemoryBlobs;
use gateway::Gateway;
use kernel::ctx::{GLOBAL_REGION, Rooms};
use kernel::exchange::DataPlane;
use kernel::identity::Principal;
use kernel::service::Endpoint;
use kernel::{Call, Endpoints, Host, Scope, Task};
use store_memory::MemoryStore;

use crate::clock::FakeClock;
use crate::compute::PlayedCompute;
use crate::entropy::CountingEntropy;

/// Account of whoever has no other.
pub const ACCOUNT: &str = "000000000000";
/// Region of every call.
pub const REGION: &str = "us-east-1";
/// Port that URLs in answers name.
pub const PORT: u16 = 4566;

/// How often every task may run before a test goes on; enough for any chain of wake-ups that a step sets going.
const TURNS: usize = 100;
/// How often the clock stops at most on its way.
const STOPS: u32 = 200;
/// How often the clock is moved for one step that waits.
const ADVANCES_MAX: usize = 1000;

/// The cloud. Lives on the runtime of one thread.
pub struct Cloud {
    /// What all calls share.
    pub host: Arc<Host>,
    /// The clock.
    pub clock: Arc<FakeClock>,
    /// The functions.
    pub compute: Arc<PlayedCompute>,
    /// Who may do what.
    pub guard: Guard,
    /// Deployed APIs.
    pub gateway: Arc<dyn DataPlane>,
}

impl Cloud {
    /// An empty cloud with its tasks started. Must be called on a tokio runtime of one thread.
    pub fn new() -> Cloud {
        let clock = Arc::new(FakeClock::default());
        let stores = (
            Arc::new(MemoryStore::new()) as _,
            Arc::new(MemoryStore::new()) as _,
            Arc::new(MemoryBlobs::new()) as _,
        );
        let host = Arc::new(Host::new(
            (Arc::clone(&clock) as _, Arc::new(CountingEntropy::default())),
            stores,
            ACCOUNT,
        ));
        let _ = host.port.set(PORT);
        let compute = Arc::new(PlayedCompute::new(Arc::clone(&clock) as _));
        for task in furnish(&host, &compute) {
            kernel::task::start(Arc::clone(&host), task);
        }
        let gateway = Arc::clone(&host.rooms().data_plane);
        Cloud { guard: Guard::default(), gateway, host, clock, compute }
    }

    /// What is known of a call by `principal`.
    pub fn call(&self, principal: Principal, endpoint: &dyn Endpoint) -> Call {
        let account = if principal.account.is_empty() { ACCOUNT } else { &principal.account };
        let region = if endpoint.is_global() { GLOBAL_REGION } else { REGION };
        Call {
            scope: Scope::new(account, region),
            region: REGION.to_owned(),
            principal,
            request_id: self.host.entropy.uuid(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_url: format!("http://127.0.0.1:{PORT}"),
            user_agent: "testkit".to_owned(),
        }
    }

    /// Moves the clock on, stopping at the moments that somebody waits for; on a long way at some hundred of them, evenly.
    pub async fn advance(&self, by: Duration) {
        let stride = by / STOPS;
        let mut left = by;
        while let Some(next) =
            self.clock.until_next().map(|next| next.max(stride)).filter(|next| *next <= left)
        {
            self.clock.advance(next);
            left -= next;
            self.settle().await;
        }
        self.clock.advance(left);
        self.settle().await;
    }

    /// Lets everything run that can run at this moment.
    pub async fn settle(&self) {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    }

    /// Runs something to its end; when it waits for a moment, the clock is moved there. `None` if it waits for something else.
    pub async fn finish<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        for _ in 0..ADVANCES_MAX {
            tokio::select! {
                biased;
                done = &mut future => return Some(done),
                () = self.settle() => {}
            }
            match self.clock.until_next() {
                Some(next) => self.clock.advance(next),
                None => return None,
            }
        }
        None
    }
}

impl Default for Cloud {
    fn default() -> Cloud {
        Cloud::new()
    }
}

/// As `loggia/src/serve.rs` does it.
fn furnish(host: &Arc<Host>, compute: &Arc<PlayedCompute>) -> Vec<Arc<dyn Task>> {
    let lambda = lambda::service(host);
    let (logs, sink, logs_tasks) = logs::service(host);
    let (cloudwatch, metrics, metrics_tasks) = cloudwatch::service(host);
    let (iam, identities, iam_tasks) = iam::service(host);
    let services: Vec<Arc<dyn Endpoint>> = vec![
        Arc::new(apigateway::service()),
        Arc::new(lambda.service),
        Arc::new(logs),
        Arc::new(cloudwatch),
        Arc::new(iam),
        Arc::new(sts::service()),
    ];
    let gateway = Arc::new(Gateway::new(host));
    let gateway_tasks = gateway.tasks();
    host.furnish(Rooms {
        endpoints: Endpoints::new(services),
        functions: lambda.functions,
        compute: Arc::clone(compute) as _,
        logs: sink as _,
        metrics: metrics as _,
        identities,
        data_plane: Arc::clone(&gateway) as _,
    });
    lambda
        .tasks
        .into_iter()
        .chain(logs_tasks)
        .chain(metrics_tasks)
        .chain(iam_tasks)
        .chain(gateway_tasks)
        .collect()
}

#[cfg(test)]
mod tests;
