//! AWS Signature Version 4 (and 4A): sign, presign, verify, and decode signed chunks. Pure functions.
//!
//! Always holds: nothing here reads a clock, keeps a connection or panics on input; signatures are compared in
//! constant time; what is verified is exactly what `canonical` builds from the raw request. A request without any AWS
//! signature parses to `None`, so that anonymous access stays the caller's decision.
//!
//! The way of a request: [`parse()`] (syntax) -> [`check`] (time, scope) -> look the key up -> [`verify()`] (signature), and for
//! a streamed S3 body [`chunk::Decoder`]. Each [`Error`] becomes the service's own code, status and text with
//! [`Error::reply`].
//!
//! Known differences from AWS: any region is accepted unless the caller names one; the maximum clock skew of a service
//! is the one seen in AWS's error texts and 15 minutes where none was seen ([`Rules::for_service`]).

mod canonical;
pub mod chunk;
mod encode;
mod error;
mod key;
mod parse;
mod reply;
mod rules;
mod sign;
mod time;
mod v4a;
mod verify;

pub use canonical::{RequestView, canonical_request, string_to_sign};
pub use encode::{hex, hex_decode, uri_encode};
pub use error::{Error, Mismatch, Missing, PayloadError, ScopeMismatch};
pub use key::{Credentials, KeyCache, Scope, SecretKey, SigningKey, sha256};
pub use parse::{Algorithm, Form, Payload, Signed, parse};
pub use reply::{Family, Reply};
pub use rules::{PRESIGN_EXPIRES_S_MAX, PathRule, Rules};
pub use sign::{Signer, presign, sign};
pub use time::{format_amz_date, parse_amz_date, parse_http_date};
pub use v4a::VerifyingKey;
pub use verify::{Body, Terms, check, verify, verify_v4a};

/// SHA-256 of nothing, in hex: the payload hash of a request without a body.
pub const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[cfg(test)]
mod tests;
