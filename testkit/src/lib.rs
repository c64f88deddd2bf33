//! Tests against a whole cloud in one process, and the language in which they are written.
//!
//! A case (`*.case`) is one behaviour of AWS: steps, each with what it must answer. [`case`] reads such files, [`run`] goes through their
//! steps with a [`run::Driver`]: [`Cloud`], which is every service over stores in memory with a clock that stands until it is moved, or a
//! real client against a real server (the `conform` program of this package). Nothing here waits for real time, and the same case gives
//! the same identifiers each time.

pub mod behaviour;
pub mod blob;
pub mod case;
pub mod clock;
pub mod cloud;
pub mod compute;
pub mod entropy;
pub mod files;
pub mod run;

pub use cloud::Cloud;
