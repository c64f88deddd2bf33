//! Secrets, credential scopes, derived signing keys, and a small cache of them.
//!
//! Always holds: secrets and derived keys never appear in `Debug`; a cached key is used only for the secret it was
//! derived from.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::{constant_time, digest, hmac};

/// The secret half of an access key.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

/// What a caller signs with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Such as `AKIAIOSFODNN7EXAMPLE`.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret: SecretKey,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
}

/// `date/region/service`: what a signing key is good for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// `YYYYMMDD`.
    pub date: String,
    /// Such as `us-east-1`; empty for Signature Version 4A, whose scope has no region.
    pub region: String,
    /// The signing name, such as `lambda`.
    pub service: String,
}

/// The key that signs one day, region and service.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

/// Derived keys by access key and scope, so that repeated verification costs one HMAC instead of five.
/// Bounded: when full, it forgets everything and starts again (deriving takes microseconds).
pub struct KeyCache {
    capacity: usize,
    keys: Mutex<HashMap<(String, Scope), (SecretKey, SigningKey)>>,
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

impl SecretKey {
    /// Wraps a secret access key.
    pub fn new(secret: impl Into<String>) -> SecretKey {
        SecretKey(secret.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Scope {
    /// `20150830/us-east-1/service/aws4_request`, as it stands in the string to sign.
    pub fn to_text(&self) -> String {
        match self.region.as_str() {
            "" => format!("{}/{}/aws4_request", self.date, self.service),
            region => format!("{}/{region}/{}/aws4_request", self.date, self.service),
        }
    }
}

impl SigningKey {
    /// AWS: Create a signed AWS API request, step "Derive a signing key".
    pub fn derive(secret: &SecretKey, scope: &Scope) -> SigningKey {
        let mut key = hmac_sha256(format!("AWS4{}", secret.expose()).as_bytes(), scope.date.as_bytes());
        for part in [scope.region.as_str(), scope.service.as_str(), "aws4_request"] {
            key = hmac_sha256(&key, part.as_bytes());
        }
        SigningKey(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The signature of a string to sign, raw.
    pub fn sign(&self, string_to_sign: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.0, string_to_sign).as_ref());
        out
    }

    /// Whether `signature_hex` (as received) is that of the string; in constant time for signatures of the right length.
    pub fn matches(&self, string_to_sign: &[u8], signature_hex: &str) -> bool {
        let expected = crate::encode::hex(&self.sign(string_to_sign));
        constant_time::verify_slices_are_equal(expected.as_bytes(), signature_hex.as_bytes()).is_ok()
    }
}

impl KeyCache {
    /// A cache for up to `capacity` keys (at least one).
    pub fn new(capacity: usize) -> KeyCache {
        KeyCache { capacity: capacity.max(1), keys: Mutex::new(HashMap::new()) }
    }

    /// The key of `secret` for `scope`, derived now or remembered.
    pub fn get(&self, access_key: &str, secret: &SecretKey, scope: &Scope) -> SigningKey {
        let name = (access_key.to_owned(), scope.clone());
        {
            let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, key)) = keys.get(&name)
                && constant_time::verify_slices_are_equal(known.0.as_bytes(), secret.0.as_bytes()).is_ok()
            {
                return key.clone();
            }
        }
        let key = SigningKey::derive(secret, scope);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= self.capacity && !keys.contains_key(&name) {
            keys.clear();
        }
        keys.insert(name, (secret.clone(), key.clone()));
        key
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref());
    out
}
