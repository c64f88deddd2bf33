//! The context of one call of an operation, and the host that all calls share.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use crate::blobs::Blobs;
use crate::clock::{Clock, Entropy};
use crate::exchange::DataPlane;
use crate::functions::{Compute, Functions};
use crate::identity::{Identities, Principal};
use crate::key::Key;
use crate::log_sink::LogSink;
use crate::metrics::Metrics;
use crate::service::Endpoints;
use crate::store::Store;
use crate::task::Signals;
use crate::tx::Tx;

/// An account in a region: where a resource lives. Global services live in the region `aws-global`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Twelve digits.
    pub account: String,
    /// Region, such as `us-east-1`.
    pub region: String,
}

impl Scope {
    /// A scope.
    pub fn new(account: &str, region: &str) -> Scope {
        Scope { account: account.to_owned(), region: region.to_owned() }
    }

    /// The key below which a service keeps the records of this scope.
    pub fn space(&self, service: &str) -> Key {
        Key::new().text(service).text(&self.account).text(&self.region)
    }
}

/// The region name of services that have none.
pub const GLOBAL_REGION: &str = "aws-global";

/// What is known of one request once it is authenticated.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where it acts.
    pub scope: Scope,
    /// The region that the client signed for, also for global services.
    pub region: String,
    /// Who asks.
    pub principal: Principal,
    /// UUID, also in the answer's headers.
    pub request_id: String,
    /// Address of the real peer.
    pub source_ip: IpAddr,
    /// Base URL under which the client reached us, without a final slash, for URLs in answers.
    pub base_url: String,
    /// `User-Agent`, or empty.
    pub user_agent: String,
}

/// What all calls share. Made once by the binary (or by a test).
pub struct Host {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Control data.
    pub store: Arc<dyn Store>,
    /// Logs and metrics, apart so that their syncs do not hold up control data.
    pub telemetry: Arc<dyn Store>,
    /// Code, layers, objects, log segments.
    pub blobs: Arc<dyn Blobs>,
    /// Account of whoever has no account of their own: `000000000000` by default.
    pub default_account: String,
    /// Port of the one listener, for URLs that functions and clients are given; set when the listener is bound.
    pub port: OnceLock<u16>,
    /// Wakes background tasks.
    pub signals: Signals,
    rooms: OnceLock<Rooms>,
}

/// The rooms that reach each other through traits; set once, when all are built.
pub struct Rooms {
    /// Every service, by endpoint id.
    pub endpoints: Endpoints,
    /// Lambda.
    pub functions: Arc<dyn Functions>,
    /// The fleet.
    pub compute: Arc<dyn Compute>,
    /// CloudWatch Logs.
    pub logs: Arc<dyn LogSink>,
    /// CloudWatch metrics.
    pub metrics: Arc<dyn Metrics>,
    /// IAM.
    pub identities: Arc<dyn Identities>,
    /// Deployed APIs.
    pub data_plane: Arc<dyn DataPlane>,
}

impl Host {
    /// A host without rooms yet.
    pub fn new(
        time: (Arc<dyn Clock>, Arc<dyn Entropy>),
        stores: (Arc<dyn Store>, Arc<dyn Store>, Arc<dyn Blobs>),
        default_account: &str,
    ) -> Host {
        let ((clock, entropy), (store, telemetry, blobs)) = (time, stores);
        Host {
            clock,
            entropy,
            store,
            telemetry,
            blobs,
            default_account: default_account.to_owned(),
            port: OnceLock::new(),
            signals: Signals::default(),
            rooms: OnceLock::new(),
        }
    }

    /// Furnishes the house; later calls change nothing.
    pub fn furnish(&self, rooms: Rooms) {
        let _ = self.rooms.set(rooms);
    }

    /// The rooms.
    pub fn rooms(&self) -> &Rooms {
        self.rooms.get().expect("the house is furnished before its first request")
    }

    /// A transaction over the records of `service` in `scope`.
    pub fn begin(&self, service: &str, scope: &Scope) -> Tx {
        Tx::new(Arc::clone(&self.store), scope.space(service))
    }
}

/// The context of one call of an operation of service `S`.
pub struct Ctx<S> {
    /// The service's own state in memory: caches and the like.
    pub service: Arc<S>,
    /// What all calls share.
    pub host: Arc<Host>,
    /// What is known of this one.
    pub call: Call,
    /// Endpoint id of the service, which is the first part of its keys.
    pub service_id: &'static str,
}

impl<S> Ctx<S> {
    /// A transaction over this service's records in the call's scope.
    pub fn begin(&self) -> Tx {
        self.host.begin(self.service_id, &self.call.scope)
    }

    /// Account that the call acts in.
    pub fn account(&self) -> &str {
        &self.call.scope.account
    }

    /// Region that the client signed for.
    pub fn region(&self) -> &str {
        &self.call.region
    }

    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.host.clock.now_ms()
    }

    /// A random UUID.
    pub fn uuid(&self) -> String {
        self.host.entropy.uuid()
    }

    /// A random identifier of `length` lower-case letters and digits.
    pub fn new_id(&self, length: usize) -> String {
        self.host.entropy.text(length, crate::clock::LOWER_ALPHANUMERIC)
    }
}
