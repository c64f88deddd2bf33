//! Named limits of the data plane (AWS: Quotas for configuring and running a REST API).

use std::time::Duration;

/// Stage caches kept; beyond that those are dropped that no plan holds.
pub(crate) const CACHES_MAX: usize = 10_000;
/// Largest answer that a cache keeps, in bytes of headers and body (AWS: 1,048,576).
pub(crate) const CACHE_ENTRY_BYTES_MAX: usize = 1_048_576;
/// Smallest body whose validation leaves the threads that serve requests, in bytes.
pub(crate) const VALIDATE_APART_BYTES: usize = 32 * 1024;
/// Plans kept ready; beyond that the whole cache starts anew.
pub(crate) const PLANS_MAX: usize = 10_000;
/// Custom domain names kept in memory.
pub(crate) const DOMAINS_MAX: usize = 20_000;
/// Token buckets kept; beyond that full ones are forgotten.
pub(crate) const BUCKETS_MAX: usize = 100_000;
/// API keys kept ready; beyond that all are looked up anew.
pub(crate) const KEYS_MAX: usize = 20_000;
/// Longest API key that is looked up, in bytes (AWS: 128).
pub(crate) const KEY_BYTES_MAX: usize = 128;
/// Counters of API keys kept; beyond that those are forgotten that no ready key holds.
pub(crate) const LEDGERS_MAX: usize = 100_000;
/// Counters written in one commit.
pub(crate) const USAGE_BATCH_MAX: usize = 256;
/// How often a commit of counters is tried.
pub(crate) const USAGE_RETRIES_MAX: usize = 8;
/// How long after a request its count is written at the latest.
pub(crate) const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Most bytes that a backend may answer with (AWS: 10 MB payload).
pub(crate) const ANSWER_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Backends that connections are kept to.
pub(crate) const BACKENDS_MAX: usize = 4096;
/// Most headers of a backend's answer.
pub(crate) const BACKEND_HEADERS_MAX: usize = 200;
/// Longest time until a connection to a backend is there.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Most names of headers in each map of a function's answer; an answer with more is malformed.
pub(crate) const ANSWER_HEADERS_MAX: usize = 256;
/// Most values of one of them.
pub(crate) const ANSWER_VALUES_MAX: usize = 64;
/// How long an idle connection to a backend is kept.
pub(crate) const BACKEND_IDLE: Duration = Duration::from_secs(50);
/// Idle connections kept for each backend.
pub(crate) const BACKEND_IDLE_MAX: usize = 128;
/// Ways of connecting beside the ordinary one (client certificates, unverified issuers) whose connections are kept.
pub(crate) const BACKEND_WAYS_MAX: usize = 64;
/// Most bytes of a request's line and its header values, in all (AWS: Quotas for configuring and running a REST API).
pub(crate) const HEAD_BYTES_MAX: usize = 10_240;
/// Longest ARN of a method that is authorized, in bytes (AWS: beyond it 414 Request URI too long).
pub(crate) const METHOD_ARN_BYTES_MAX: usize = 1600;
/// How long a Lambda authorizer may take, in all.
pub(crate) const AUTHORIZER_TIME: Duration = Duration::from_secs(29);
/// Longest answer of a Lambda authorizer, in bytes.
pub(crate) const AUTHORIZER_ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Answers of authorizers that are remembered, of Lambda functions and of tokens each.
pub(crate) const AUTHORIZER_ANSWERS_MAX: usize = 100_000;
/// Bytes that remembered answers of authorizers may hold, of Lambda functions and of tokens each.
pub(crate) const AUTHORIZER_ANSWERS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Issuers whose keys are kept.
pub(crate) const ISSUERS_MAX: usize = 1024;
/// Keys of one issuer.
pub(crate) const ISSUER_KEYS_MAX: usize = 100;
/// Longest answer of an issuer, in bytes (AWS: response size from the JSON Web Key Set endpoint).
pub(crate) const ISSUER_BYTES_MAX: usize = 150_000;
/// How long an issuer may take for one answer (AWS: timeout for the JSON Web Key Set endpoint).
pub(crate) const ISSUER_TIME: Duration = Duration::from_millis(1500);
/// How long an issuer's keys are good without being fetched again.
pub(crate) const ISSUER_KEYS_AGE_MAX: Duration = Duration::from_secs(3600);
/// An issuer's keys are not fetched more often than this, whatever key a token names.
pub(crate) const ISSUER_KEYS_AGE_MIN: Duration = Duration::from_secs(10);
