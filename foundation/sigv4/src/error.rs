//! What can be wrong with a signature: kinds with their data. Texts and codes are in `reply`.
//!
//! Always holds: no variant carries a secret; a mismatch carries the canonical request, which AWS echoes too.

use crate::parse::Form;

/// Why a request is not authentic. Turn it into a service's answer with [`Error::reply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// No signature, where one is needed (`parse` gave `None`, and the caller does not serve anonymous requests).
    MissingToken,
    /// An `Authorization` header of another kind, such as `Bearer …`.
    NotAws { authorization: String },
    /// Both an `Authorization` header and `X-Amz-Algorithm` in the query.
    BothForms,
    /// A part of the `Authorization` header without `=`.
    NotKeyValue { part: String, authorization: String },
    /// Parts that must be there and are not.
    Incomplete { form: Form, missing: Vec<Missing>, authorization: String },
    /// The time of the request cannot be read.
    BadDate { form: Form, got: String },
    /// `host` is not among the signed headers.
    HostNotSigned,
    /// `x-amz-*` headers that are not signed (Amazon S3).
    HeadersNotSigned(Vec<String>),
    /// Neither `AWS4-HMAC-SHA256` nor `AWS4-ECDSA-P256-SHA256`.
    UnsupportedAlgorithm { form: Form, got: String },
    /// The credential does not have its five parts.
    BadCredential { form: Form, got: String },
    /// The credential scope is not the one of this request.
    BadScope(Box<ScopeMismatch>),
    /// Signed too long ago (all times in seconds since the epoch).
    Expired { date_s: i64, now_s: i64, skew_s: i64 },
    /// Signed for a time that is too far ahead.
    NotYetCurrent { date_s: i64, now_s: i64, skew_s: i64 },
    /// A presigned URL past its `X-Amz-Expires`.
    UrlExpired { date_s: i64, now_s: i64, expires_s: i64 },
    /// A presigned URL from the future.
    UrlNotYetValid { date_s: i64, now_s: i64, skew_s: i64 },
    /// `X-Amz-Expires` is not a number.
    ExpiresNotANumber,
    /// `X-Amz-Expires` is below zero.
    ExpiresNegative,
    /// `X-Amz-Expires` is more than a week.
    ExpiresTooLarge,
    /// No such access key (found out by the caller).
    UnknownKey { access_key: String },
    /// The session token is not the one of the access key (found out by the caller).
    InvalidToken,
    /// The session has ended (found out by the caller).
    ExpiredToken,
    /// The signature is wrong.
    Mismatch(Box<Mismatch>),
    /// The payload is not what was declared.
    Payload(PayloadError),
}

/// A part of a signature that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Algorithm,
    Credential,
    Signature,
    SignedHeaders,
    Date,
    Expires,
}

/// Which parts of a credential scope are wrong; `None` is right. The scope wanted beside the one received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeMismatch {
    /// Where the scope stood.
    pub form: Form,
    /// (received, wanted)
    pub region: Option<(String, String)>,
    /// (received, wanted)
    pub service: Option<(String, String)>,
    /// received
    pub terminator: Option<String>,
    /// (received, wanted, time of the request as sent)
    pub date: Option<(String, String, String)>,
}

/// A wrong signature with everything that a client needs in order to find out why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Of the request.
    pub access_key: String,
    /// As received.
    pub signature: String,
    /// As computed.
    pub string_to_sign: String,
    /// As computed; bytes that are not UTF-8 are replaced.
    pub canonical_request: String,
}

/// `x-amz-content-sha256` and the body (Amazon S3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// The header is not there.
    Missing,
    /// Neither a hash nor one of the words.
    Invalid { got: String },
    /// The body hashes to something else; both in hex.
    Mismatch { declared: String, computed: String },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reply(crate::reply::Family::Query).message)
    }
}

impl std::error::Error for Error {}
