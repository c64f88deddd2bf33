//! Who sent a request to an AWS service: the signature, verified against the credential that made it.
//!
//! Runs before anything of the body is decoded. The client is what its signature says, never what a header says. In `dev` a key that
//! Loggia never issued stands for the account's root (a 12-digit key for that account's); its secret is not known here, so only the form
//! of its signature, its time and its scope can be checked. A key that Loggia issued is always verified.

use kernel::Host;
use kernel::identity::Principal;
use models::Row;
use sigv4::{Body, Error, KeyCache, RequestView, Rules, SecretKey, Signed, Terms};

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

/// Why there is no sender.
pub(crate) enum Refused {
    /// The signature is not right.
    Signature(Error),
    /// IAM could not be asked.
    Failure(kernel::Failure),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Signature(error)
    }
}

/// Keys derived lately.
pub(crate) const KEYS_REMEMBERED: usize = 1024;

/// Finds out who sent a request. An unsigned one comes from [`Principal::anonymous`].
pub(crate) async fn authenticate(
    (host, keys, mode): (&Host, &KeyCache, IamMode),
    view: &RequestView<'_>,
    row: &Row,
    body: &[u8],
) -> Result<Sender, Refused> {
    let rules = Rules::for_service(row.signing_name);
    let root = |key: &str| Principal::root(account_of(key).unwrap_or(&host.default_account), key);
    let parsed = match sigv4::parse(view, &rules) {
        Err(_) if mode == IamMode::Off => None,
        parsed => parsed?,
    };
    let Some(signed) = parsed else {
        let principal = if mode == IamMode::Off { root("") } else { Principal::anonymous() };
        return Ok(Sender { principal, region: None });
    };
    let sender = |principal: Principal| Sender { principal, region: Some(signed.scope.region.clone()) };
    if mode == IamMode::Off {
        return Ok(sender(root(&signed.access_key)));
    }
    let terms =
        Terms { now_s: host.clock.now_ms() / 1000, rules: &rules, service: row.signing_name, region: None };
    sigv4::check(&signed, &terms)?;
    let Some(credential) =
        host.rooms().identities.find(&signed.access_key).await.map_err(Refused::Failure)?
    else {
        return match mode {
            IamMode::Dev => Ok(sender(root(&signed.access_key))),
            _ => Err(Error::UnknownKey { access_key: signed.access_key }.into()),
        };
    };
    if !credential.is_active {
        return Err(Error::UnknownKey { access_key: signed.access_key }.into());
    }
    check_session(&signed, credential.session_token.as_deref())?;
    if credential.expires_ms.is_some_and(|end| end <= host.clock.now_ms()) {
        return Err(Error::ExpiredToken.into());
    }
    let key = keys.get(&signed.access_key, &SecretKey::new(&*credential.secret), &signed.scope);
    sigv4::verify(&signed, view, &key, Body::Sha256(sigv4::sha256(body)), &terms)?;
    Ok(sender(credential.principal))
}

fn check_session(signed: &Signed, token: Option<&str>) -> Result<(), Error> {
    let is_right = match (token, &signed.session_token) {
        (None, None) => true,
        (Some(token), Some(given)) => {
            aws_lc_rs::constant_time::verify_slices_are_equal(token.as_bytes(), given.as_bytes()).is_ok()
        }
        _ => false,
    };
    if is_right { Ok(()) } else { Err(Error::InvalidToken) }
}

/// The account that an access key id of twelve digits names.
fn account_of(access_key: &str) -> Option<&str> {
    (access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit())).then_some(access_key)
}
