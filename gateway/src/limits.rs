//! Named limits of the data plane (AWS: Quotas for configuring and running a REST API).

use std::time::Duration;

/// Plans kept ready; beyond that the whole cache starts anew.
pub(crate) const PLANS_MAX: usize = 10_000;
/// Token buckets kept; beyond that full ones are forgotten.
pub(crate) const BUCKETS_MAX: usize = 100_000;
/// Most bytes that a backend may answer with (AWS: 10 MB payload).
pub(crate) const ANSWER_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// How long an idle connection to a backend is kept.
pub(crate) const BACKEND_IDLE: Duration = Duration::from_secs(50);
/// Idle connections kept for each backend.
pub(crate) const BACKEND_IDLE_MAX: usize = 128;
/// Ways of connecting beside the ordinary one (client certificates, unverified issuers) whose connections are kept.
pub(crate) const BACKEND_WAYS_MAX: usize = 64;
