//! Time, randomness and spawning: the only place where they come from, so that tests replay exactly.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// Where time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;
    /// Time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;
    /// Returns when `monotonic` has reached `until`.
    fn sleep_until(&self, until: Duration) -> BoxFuture<'static, ()>;
}

impl dyn Clock {
    /// Returns after `period`.
    pub fn sleep(&self, period: Duration) -> BoxFuture<'static, ()> {
        self.sleep_until(self.monotonic() + period)
    }
}

/// The machine's clock.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub fn new() -> Arc<SystemClock> {
        Arc::new(SystemClock { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep_until(&self, until: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep_until((self.started + until).into()).boxed()
    }
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with random bytes, fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness. Each thread keeps some ahead, because most wishes are for a few bytes; what was given out is
/// wiped.
pub struct SystemEntropy;

/// Bytes that a thread keeps ahead.
const AHEAD: usize = 512;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        thread_local!(static POOL: RefCell<([u8; AHEAD], usize)> = const { RefCell::new(([0; AHEAD], 0)) });
        if bytes.len() > AHEAD / 4 {
            return aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
        }
        POOL.with_borrow_mut(|(pool, left)| {
            if *left < bytes.len() {
                aws_lc_rs::rand::fill(pool).expect("the operating system gives random bytes");
                *left = AHEAD;
            }
            let taken = &mut pool[*left - bytes.len()..*left];
            bytes.copy_from_slice(taken);
            taken.fill(0);
            *left -= bytes.len();
        });
    }
}

impl dyn Entropy {
    /// A random (version 4) UUID in its 36-character form.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(char::from_digit(u32::from(byte >> 4), 16).expect("four bits are a digit"));
            text.push(char::from_digit(u32::from(byte & 15), 16).expect("four bits are a digit"));
        }
        text
    }

    /// `length` characters of `alphabet` (at most 256 of them), each equally likely.
    pub fn text(&self, length: usize, alphabet: &[u8]) -> String {
        let fair = 256 / alphabet.len() * alphabet.len();
        let mut text = String::with_capacity(length);
        let mut bytes = [0; 32];
        while text.len() < length {
            self.fill(&mut bytes);
            let good = bytes.iter().map(|&byte| usize::from(byte)).filter(|&byte| byte < fair);
            text.extend(
                good.take(length - text.len()).map(|byte| char::from(alphabet[byte % alphabet.len()])),
            );
        }
        text
    }

    /// A fraction in `0.0..1.0`.
    pub fn fraction(&self) -> f64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Lower-case letters and digits, the alphabet of API Gateway's identifiers.
pub const LOWER_ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Upper-case letters and digits without 0, 1, 8 and 9 (base 32), the alphabet of IAM's unique identifiers.
pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Starts a task that runs on its own until it ends; `kind` names it in the log if it panics.
pub fn spawn(kind: &'static str, future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move {
        if std::panic::AssertUnwindSafe(future).catch_unwind().await.is_err() {
            tracing::error!(kind, "a background task panicked");
        }
    });
}
