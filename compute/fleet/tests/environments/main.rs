//! The fleet with real sandboxes, Python and Node.js: lifecycle, failures, limits, custom runtimes.

#![allow(clippy::unwrap_used, reason = "tests")]

mod ahead;
mod custom;
mod failures;
mod harness;
mod lifecycle;
