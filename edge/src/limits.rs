//! Named limits of the listener.

use std::time::Duration;

/// Connections served at once; more wait in the kernel's backlog.
pub(crate) const CONNECTIONS_MAX: usize = 8192;
/// Bytes of a request's line and headers that are read before it is refused with 431.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of one request; more are refused with 431.
pub(crate) const HEADERS_MAX: usize = 256;
/// Streams of one HTTP/2 connection.
pub(crate) const STREAMS_MAX: u32 = 256;
/// How long a connection may take to show its first byte, and to finish a TLS handshake.
pub(crate) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a request's head may take, and how long an idle connection is kept.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(75);
/// How long a request's body may stand still.
pub(crate) const BODY_PAUSE: Duration = Duration::from_secs(30);
/// How long requests under way may take once the server is to stop.
pub(crate) const DRAIN_TIME: Duration = Duration::from_secs(30);
/// Most bytes that a compressed body of an AWS operation may unpack to; AWS takes 1 MB for `PutMetricData`.
pub(crate) const UNPACKED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a body that is too large that are read and thrown away before the answer.
pub(crate) const PASSED_OVER_MAX: usize = 64 * 1024 * 1024;
/// How long that may take.
pub(crate) const PASSED_OVER_TIME: Duration = Duration::from_secs(5);
/// How long it may stand still meanwhile.
pub(crate) const PASSED_OVER_PAUSE: Duration = Duration::from_millis(500);
