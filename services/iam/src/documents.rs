//! Policy documents: checked as IAM checks them, kept as they were sent, answered percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{Kind, Policy};

use crate::error::Error;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Characters of a managed policy (AWS: IAM and AWS STS quotas).
pub const MANAGED_CHARS_MAX: usize = 6_144;
/// Characters of a trust policy (AWS: IAM and AWS STS quotas).
const TRUST_CHARS_MAX: usize = 2_048;

/// A document as IAM answers it (AWS: GetRole, "URL-encoded JSON, compliant with RFC 3986").
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// Checks an identity-based policy.
pub fn check_identity(document: &str) -> Result<Policy, Error> {
    Policy::parse(document, Kind::Identity).map_err(|malformed| Error::Malformed(malformed.0))
}

/// Checks a managed policy, its size too.
pub fn check_managed(document: &str) -> Result<(), Error> {
    check_identity(document)?;
    match policy::quota_chars(document) > MANAGED_CHARS_MAX {
        true => Err(Error::quota("PolicySize", MANAGED_CHARS_MAX)),
        false => Ok(()),
    }
}

/// Checks a trust policy, its size too.
pub fn check_trust(document: &str) -> Result<Policy, Error> {
    let policy = Policy::parse(document, Kind::Trust).map_err(|malformed| Error::Malformed(malformed.0))?;
    match policy::quota_chars(document) > TRUST_CHARS_MAX {
        true => Err(Error::quota("ACLSizePerRole", TRUST_CHARS_MAX)),
        false => Ok(policy),
    }
}
