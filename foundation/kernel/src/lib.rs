//! What every room builds on: keys and stores, context and errors, clock and identifiers, and the traits by which rooms reach each other.
//!
//! Small and rarely changed. Nothing here opens a socket or a file. Wall clock, randomness and spawning exist only here.

pub mod arn;
pub mod blobs;
pub mod clock;
pub mod ctx;
pub mod error;
pub mod exchange;
pub mod functions;
pub mod identity;
pub mod key;
pub mod limits;
pub mod log_sink;
pub mod metrics;
pub mod nobody;
pub mod service;
pub mod store;
pub mod task;
pub mod tx;

pub use arn::Arn;
pub use clock::{Clock, Entropy, spawn};
pub use ctx::{Call, Ctx, Host, Scope};
pub use error::{Exception, Failure, Fault, Internal};
pub use key::Key;
pub use service::{Endpoint, Endpoints, Operation, Service, op};
pub use task::Task;
pub use tx::{Record, Tx};
