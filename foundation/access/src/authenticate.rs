//! Whose signature it is: a parsed signature held against the credential that made it.
//!
//! The signature's syntax, time and scope are checked first, then the key is looked up, then the session, then the signature itself. A key
//! that Loggia never issued stands for the account's root where [`UnknownKeys`] says so (a 12-digit key for that account's): its secret is
//! not known, so nothing more of its signature can be checked. A key that Loggia issued is always verified.

use kernel::identity::Principal;
use kernel::{Failure, Host};
use sigv4::{Body, Error, KeyCache, RequestView, SecretKey, Signed, Terms};

/// Keys derived lately that a [`KeyCache`] for requests should hold.
pub const KEYS_REMEMBERED: usize = 1024;

/// What an access key that Loggia never issued stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownKeys {
    /// The account's root.
    #[default]
    Root,
    /// Nobody.
    Refused,
}

/// Why a signature is not accepted.
#[derive(Debug)]
pub enum Refused {
    /// The signature is not right.
    Signature(Error),
    /// IAM could not be asked.
    Failure(Failure),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Signature(error)
    }
}

/// The principal behind a parsed signature.
pub async fn verify(
    (host, keys, unknown): (&Host, &KeyCache, UnknownKeys),
    signed: &Signed,
    view: &RequestView<'_>,
    body: &[u8],
    terms: &Terms<'_>,
) -> Result<Principal, Refused> {
    sigv4::check(signed, terms)?;
    let unissued = || Error::UnknownKey { access_key: signed.access_key.clone() };
    let Some(credential) =
        host.rooms().identities.find(&signed.access_key).await.map_err(Refused::Failure)?
    else {
        return match unknown {
            UnknownKeys::Root => Ok(root(host, &signed.access_key)),
            UnknownKeys::Refused => Err(unissued().into()),
        };
    };
    if !credential.is_active {
        return Err(unissued().into());
    }
    check_session(signed, credential.session_token.as_deref())?;
    if credential.expires_ms.is_some_and(|end| end <= host.clock.now_ms()) {
        return Err(Error::ExpiredToken.into());
    }
    let key = keys.get(&signed.access_key, &SecretKey::new(&*credential.secret), &signed.scope);
    sigv4::verify(signed, view, &key, Body::Sha256(sigv4::sha256(body)), terms)?;
    Ok(credential.principal)
}

/// The root that a key which Loggia never issued stands for: of the account that a 12-digit key names, or of the default one.
pub fn root(host: &Host, access_key: &str) -> Principal {
    let is_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
    Principal::root(if is_account { access_key } else { &host.default_account }, access_key)
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
