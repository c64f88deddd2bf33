//! What the sandbox promises, tried on real processes: one module for each kind of promise.
//!
//! Runs as root and as an ordinary user; where a promise needs what the machine does not offer, the test says so on
//! standard error and checks what is promised instead.
#![allow(clippy::unwrap_used)]

mod isolation;
mod lifecycle;
mod limits;
mod measure;
mod rig;
mod without_root;
