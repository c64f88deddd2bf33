//! AWS Security Token Service: who am I, and credentials for a while.
//!
//! It keeps nothing itself: credentials, trust policies and sessions are IAM's, asked through `kernel::identity::Identities`.
//!
//! Known gaps: `AssumeRoleWithWebIdentity`, `AssumeRoleWithSAML`, `AssumeRoot` and `DecodeAuthorizationMessage` are not implemented. Session tags are checked
//! but do not reach policies; MFA codes are always refused, because there are no MFA devices. An account's root may assume a role that trusts its account
//! (AWS refuses roots), because it stands for a developer's own credentials.

mod error;
pub mod generated;
mod ops;
mod sessions;

use std::sync::Arc;

use kernel::Service;

pub use error::Error;

/// The service's state: none.
pub struct Sts;

/// The service.
pub fn service() -> Service<Sts> {
    Service::new("sts", Arc::new(Sts), ops::table())
}
