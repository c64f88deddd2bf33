//! What every store and every blob store must pass, written once against the traits of `kernel`.
//!
//! A backend calls [`store::check_all`] or [`blobs::check_all`] with a way to make an empty one, and [`crash::kill_nine`] if it promises
//! to survive the end of its process. Everything here panics with the name of the check that did not hold.

#![allow(clippy::unwrap_used, reason = "all of this crate is test code")]

pub mod blobs;
pub mod crash;
pub mod store;
