//! What every room builds on: keys and stores, context and errors, clock and identifiers, and the traits by which rooms reach each other.
//!
//! Small and rarely changed. Nothing here opens a socket or a file. Wall clock, randomness and spawning exist only here.

pub mod blobs;
pub mod key;
pub mod limits;
pub mod store;
