//! From an error to a service's answer: code, HTTP status and AWS's exact text, by protocol family.
//!
//! Always holds: every error has an answer in every family. Texts are those AWS documents or was seen to send; a family
//! differs from another in codes and statuses more than in texts, only Amazon S3 has its own.
//!
//! AWS: Common errors (of each service), Amazon S3 Error responses, Troubleshoot Signature Version 4 signing.
//! Known differences: AWS leaves out the echo of the canonical request in some services (here: none for the query
//! protocol and S3 gives it in XML elements); the text for an expired presigned URL outside S3 is inferred.

mod s3;

use base64::Engine as _;

use crate::error::{Error, Missing, ScopeMismatch};
use crate::key::sha256;
use crate::parse::Form;
use crate::time::format_amz_date;

/// The families of error answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// JSON 1.0 and 1.1 (DynamoDB, KMS, CloudWatch Logs): status 400, codes end in `Exception`.
    Json,
    /// REST JSON (Lambda, API Gateway's own API): status 403.
    RestJson,
    /// Query (STS, IAM, SNS, CloudFormation).
    Query,
    /// EC2's dialect of query.
    Ec2,
    /// Amazon S3.
    S3,
    /// A deployed API with IAM authorization: `{"message": …}`, the code in `x-amzn-ErrorType`.
    ExecuteApi,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    pub message: String,
    /// Further elements of Amazon S3's error document, in order.
    pub details: Vec<(&'static str, String)>,
}

// What kind of refusal it is; each family has a code and a status for each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    MissingToken,
    Incomplete,
    Invalid,
    UnknownKey,
    ExpiredToken,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const UNKNOWN_KEY: &str = "The security token included in the request is invalid.";

impl Error {
    /// The answer of a service of `family` to this error.
    pub fn reply(&self, family: Family) -> Reply {
        if family == Family::S3 {
            return s3::reply(self);
        }
        let (kind, message) = general(self, family);
        let (code, status) = code(kind, family);
        Reply { code, status, message, details: Vec::new() }
    }
}

fn code(kind: Kind, family: Family) -> (&'static str, u16) {
    let exception = if family == Family::Json { 400 } else { 403 };
    match (family, kind) {
        (Family::Json | Family::RestJson | Family::ExecuteApi | Family::S3, kind) => (
            match kind {
                Kind::MissingToken => "MissingAuthenticationTokenException",
                Kind::Incomplete => "IncompleteSignatureException",
                Kind::Invalid => "InvalidSignatureException",
                Kind::UnknownKey => "UnrecognizedClientException",
                Kind::ExpiredToken => "ExpiredTokenException",
            },
            exception,
        ),
        (Family::Ec2, Kind::MissingToken | Kind::UnknownKey | Kind::Invalid) => ("AuthFailure", 401),
        (Family::Ec2, Kind::ExpiredToken) => ("RequestExpired", 400),
        (Family::Query, Kind::MissingToken) => ("MissingAuthenticationToken", 403),
        (Family::Query | Family::Ec2, Kind::Incomplete) => ("IncompleteSignature", 400),
        (Family::Query, Kind::Invalid) => ("SignatureDoesNotMatch", 403),
        (Family::Query, Kind::UnknownKey) => ("InvalidClientTokenId", 403),
        (Family::Query, Kind::ExpiredToken) => ("ExpiredToken", 403),
    }
}

fn general(error: &Error, family: Family) -> (Kind, String) {
    let gateway = matches!(family, Family::RestJson | Family::ExecuteApi);
    if family == Family::Ec2 && matches!(error, Error::Expired { .. } | Error::UrlExpired { .. }) {
        return (Kind::ExpiredToken, "Request has expired.".into());
    }
    let missing_token =
        if gateway { "Missing Authentication Token" } else { "Request is missing Authentication Token" };
    match error {
        Error::MissingToken => (Kind::MissingToken, missing_token.into()),
        Error::NotAws { authorization } if gateway => (Kind::Incomplete, foreign(authorization)),
        Error::NotAws { .. } => (Kind::MissingToken, missing_token.into()),
        Error::BothForms => (
            Kind::Invalid,
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.".into(),
        ),
        Error::NotKeyValue { authorization, .. } => (Kind::Incomplete, not_key_value(authorization)),
        Error::Incomplete { form: Form::Header, missing, authorization } => {
            (Kind::Incomplete, missing_in_header(missing, authorization))
        }
        Error::Incomplete { form: Form::Query, missing, .. } => {
            let texts = missing
                .iter()
                .map(|what| format!("AWS query-string parameters must include '{}'. ", query_name(*what)));
            (Kind::Incomplete, texts.collect::<String>() + "Re-examine the query-string parameters.")
        }
        Error::BadDate { got, .. } => (
            Kind::Incomplete,
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
        ),
        Error::HostNotSigned => (
            Kind::Invalid,
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".into(),
        ),
        Error::HeadersNotSigned(names) => (
            Kind::Invalid,
            format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", names.join("', '")),
        ),
        Error::UnsupportedAlgorithm { got, .. } => (
            Kind::Incomplete,
            format!("Unsupported AWS 'algorithm': '{got}' (only AWS4-HMAC-SHA256 for now). "),
        ),
        Error::BadCredential { got, .. } => (
            Kind::Incomplete,
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
            ),
        ),
        Error::BadScope(scope) => (Kind::Invalid, scope_text(scope)),
        Error::Expired { date_s, now_s, skew_s } => (Kind::Invalid, expired(*date_s, *now_s, *skew_s)),
        Error::UrlExpired { date_s, now_s, expires_s } => {
            (Kind::Invalid, expired(*date_s, *now_s, *expires_s))
        }
        Error::NotYetCurrent { date_s, now_s, skew_s } | Error::UrlNotYetValid { date_s, now_s, skew_s } => (
            Kind::Invalid,
            format!(
                "Signature not yet current: {} is still later than {} ({} + {})",
                format_amz_date(*date_s),
                format_amz_date(now_s.saturating_add(*skew_s)),
                format_amz_date(*now_s),
                span(*skew_s)
            ),
        ),
        Error::ExpiresNotANumber => (Kind::Incomplete, "X-Amz-Expires should be a number".into()),
        Error::ExpiresNegative => (Kind::Incomplete, "X-Amz-Expires must be non-negative".into()),
        Error::ExpiresTooLarge => (Kind::Incomplete, EXPIRES_TOO_LARGE.into()),
        Error::UnknownKey { .. } | Error::InvalidToken if family == Family::Ec2 => {
            (Kind::UnknownKey, "AWS was not able to validate the provided access credentials".into())
        }
        Error::UnknownKey { .. } | Error::InvalidToken => (Kind::UnknownKey, UNKNOWN_KEY.into()),
        Error::ExpiredToken => {
            (Kind::ExpiredToken, "The security token included in the request is expired".into())
        }
        Error::Mismatch(_) if family == Family::Ec2 => {
            (Kind::Invalid, "AWS was not able to validate the provided access credentials".into())
        }
        Error::Mismatch(_) if family == Family::Query => (Kind::Invalid, MISMATCH.into()),
        Error::Mismatch(mismatch) => (
            Kind::Invalid,
            format!(
                "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
                mismatch.canonical_request, mismatch.string_to_sign
            ),
        ),
        Error::Payload(_) => (Kind::Invalid, MISMATCH.into()),
    }
}

const EXPIRES_TOO_LARGE: &str = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds";

// AWS no longer echoes the header of a stranger, it may be a secret.
fn hashed(authorization: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(sha256(authorization.as_bytes()))
}

fn not_key_value(authorization: &str) -> String {
    format!(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{}'.",
        hashed(authorization)
    )
}

// API Gateway reads `Bearer eyJ…` as if it were a signature: parts first, then what is missing.
fn foreign(authorization: &str) -> String {
    let rest = authorization.split_once(' ').map_or("", |(_, rest)| rest);
    let mut parts = rest.split(',').map(str::trim).filter(|part| !part.is_empty());
    if rest.is_empty() || parts.any(|part| !part.contains('=')) {
        return not_key_value(authorization);
    }
    let all = [Missing::Credential, Missing::Signature, Missing::SignedHeaders, Missing::Date];
    missing_in_header(&all, authorization)
}

fn missing_in_header(missing: &[Missing], authorization: &str) -> String {
    let texts = missing.iter().map(|what| match what {
        Missing::Date => {
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ".to_owned()
        }
        part => format!("Authorization header requires '{}' parameter. ", header_name(*part)),
    });
    let hash = hashed(authorization);
    texts.collect::<String>() + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + &hash
}

fn header_name(what: Missing) -> &'static str {
    query_name(what).trim_start_matches("X-Amz-")
}

fn query_name(what: Missing) -> &'static str {
    match what {
        Missing::Algorithm => "X-Amz-Algorithm",
        Missing::Credential => "X-Amz-Credential",
        Missing::Signature => "X-Amz-Signature",
        Missing::SignedHeaders => "X-Amz-SignedHeaders",
        Missing::Date => "X-Amz-Date",
        Missing::Expires => "X-Amz-Expires",
    }
}

fn scope_text(scope: &ScopeMismatch) -> String {
    let mut text = String::new();
    if scope.region.is_some() {
        text += "Credential should be scoped to a valid region. ";
    }
    if let Some((_, wanted)) = &scope.service {
        text += &format!("Credential should be scoped to correct service: '{wanted}'. ");
    }
    if let Some(received) = &scope.terminator {
        text += &format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{received}'. "
        );
    }
    if let Some((received, wanted, time)) = &scope.date {
        text += &format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{received}' != '{wanted}', from '{time}'."
        );
    }
    text
}

fn expired(date_s: i64, now_s: i64, span_s: i64) -> String {
    format!(
        "Signature expired: {} is now earlier than {} ({} - {})",
        format_amz_date(date_s),
        format_amz_date(now_s.saturating_sub(span_s)),
        format_amz_date(now_s),
        span(span_s)
    )
}

fn span(seconds: i64) -> String {
    if seconds % 60 == 0 { format!("{} min.", seconds / 60) } else { format!("{seconds} sec.") }
}

#[cfg(test)]
mod tests;
