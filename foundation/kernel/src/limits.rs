//! Named limits that more than one room keeps. A limit of one room stands in that room.

/// Longest key of the store, bytes.
pub const KEY_BYTES_MAX: usize = 2048;
/// Longest value of the store, bytes; larger records are split by `Tx`.
pub const VALUE_BYTES_MAX: usize = 96 * 1024;
/// Most bytes of all keys and values in one commit.
pub const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often a handler runs again after a conflict before the client sees an error.
pub const CONFLICT_RETRIES_MAX: u32 = 32;
/// Largest request or response payload of a synchronous invocation, bytes (AWS: Lambda quotas, 6 MB each).
pub const INVOKE_BYTES_MAX: usize = 6_291_456;
/// Largest payload of an asynchronous invocation, bytes (AWS: Lambda quotas, 1 MB).
pub const INVOKE_EVENT_BYTES_MAX: usize = 1_048_576;
/// Largest request body that API Gateway takes, bytes (AWS: API Gateway quotas, 10 MB).
pub const GATEWAY_BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Largest request body that a control-plane call may have, bytes: a 50 MB zip in base64, and its envelope.
pub const CONTROL_BODY_BYTES_MAX: usize = 72 * 1024 * 1024;
