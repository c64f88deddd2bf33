//! Who sent a request to an AWS service: the signature, verified against the credential that made it.
//!
//! Runs before anything of the body is decoded. The client is what its signature says, never what a header says. In `dev` a key that
//! Loggia never issued stands for the account's root (a 12-digit key for that account's); its secret is not known here, so only the form
//! of its signature, its time and its scope can be checked. A key that Loggia issued is always verified.

use access::{Refused, UnknownKeys};
use kernel::Host;
use kernel::identity::Principal;
use models::Row;
use sigv4::{KeyCache, RequestView, Rules, Terms};

/// How strictly callers are told apart (`--iam`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IamMode {
    /// Unknown keys are root; keys that Loggia issued are verified and their policies evaluated.
    #[default]
    Dev,
    /// Unknown keys are refused.
    Enforce,
    /// Nothing is verified or evaluated: everybody is root.
    Off,
}

/// A request's sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Sender {
    /// Who.
    pub principal: Principal,
    /// Region of the signing scope, if the request was signed.
    pub region: Option<String>,
}

/// Finds out who sent a request. An unsigned one comes from [`Principal::anonymous`].
pub(crate) async fn authenticate(
    (host, keys, mode): (&Host, &KeyCache, IamMode),
    view: &RequestView<'_>,
    row: &Row,
    body: &[u8],
) -> Result<Sender, Refused> {
    let rules = Rules::for_service(row.signing_name);
    let parsed = match sigv4::parse(view, &rules) {
        Err(_) if mode == IamMode::Off => None,
        parsed => parsed?,
    };
    let Some(signed) = parsed else {
        let principal = if mode == IamMode::Off { access::root(host, "") } else { Principal::anonymous() };
        return Ok(Sender { principal, region: None });
    };
    let sender = |principal: Principal| Sender { principal, region: Some(signed.scope.region.clone()) };
    if mode == IamMode::Off {
        return Ok(sender(access::root(host, &signed.access_key)));
    }
    let terms =
        Terms { now_s: host.clock.now_ms() / 1000, rules: &rules, service: row.signing_name, region: None };
    let unknown = if mode == IamMode::Dev { UnknownKeys::Root } else { UnknownKeys::Refused };
    access::verify((host, keys, unknown), &signed, view, body, &terms).await.map(sender)
}
