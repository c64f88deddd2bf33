//! Starts one process inside a Linux sandbox and hands back a handle.
//!
//! It knows nothing of Lambda: a caller says which program, which directories, which limits. What always holds: every
//! process of a sandbox dies with the handle, with the jail, and with the server, `kill -9` included; the steps and
//! their reasons are in `docs/jail.md`. The interface blocks; callers in async code use a blocking pool.
//! This is the only crate with `unsafe`.
//!
//! ```no_run
//! # fn main() -> Result<(), sandbox::Error> {
//! use sandbox::{Jail, JailConfig, Mode};
//! let jail = Jail::new(JailConfig::new("docs", "/tmp/jail", Mode::Auto))?;
//! println!("{}", jail.report());
//! # Ok(()) }
//! ```

mod cgroup;
mod enter;
mod error;
mod features;
mod init;
mod jail;
mod outside;
mod plan;
mod probe;
mod process;
mod report;
mod seccomp;
mod server;
mod skeleton;
mod spawner;
mod spec;
mod sys;
mod wall;
mod warden;

pub use error::Error;
pub use jail::Jail;
pub use process::{End, ExitStatus, Process};
pub use report::{Report, Row};
pub use spawner::init_main;
pub use spec::{JailConfig, Mode, Mount, Network, Spec};
