//! Amazon S3's answers to signature errors: its own codes, texts and further XML elements.
//!
//! Always holds: every error has one. Of several wrong parts of a scope the first is told: date, region, service, end.
//!
//! AWS: Amazon S3 API Reference, Error responses; the texts of malformed credentials were seen in public reports.

use super::{EXPIRES_TOO_LARGE, Reply};
use crate::encode::hex;
use crate::error::{Error, Mismatch, Missing, PayloadError, ScopeMismatch};
use crate::parse::Form;
use crate::time::format_amz_date;

pub(super) fn reply(error: &Error) -> Reply {
    let plain = |code, status, message: String| Reply { code, status, message, details: Vec::new() };
    let with =
        |code, status, message: &str, details| Reply { code, status, message: message.into(), details };
    match error {
        Error::MissingToken => plain("AccessDenied", 403, "Access Denied".into()),
        Error::NotAws { authorization } if !authorization.contains(' ') => with(
            "InvalidArgument",
            400,
            "Authorization header is invalid -- one and only one ' ' (space) required",
            argument("Authorization", authorization),
        ),
        Error::NotAws { authorization } => {
            with("InvalidArgument", 400, "Unsupported Authorization Type", argument("Authorization", authorization))
        }
        Error::BothForms => with(
            "InvalidArgument",
            400,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
            Vec::new(),
        ),
        Error::NotKeyValue { part, .. } => {
            plain("AuthorizationHeaderMalformed", 400, malformed(&format!("the authorization component \"{part}\" is malformed.")))
        }
        Error::Incomplete { form: Form::Query, .. } => plain(
            "AuthorizationQueryParametersError",
            400,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.".into(),
        ),
        Error::Incomplete { missing, .. } if missing.as_slice() != [Missing::Date] => plain(
            "AuthorizationHeaderMalformed",
            400,
            malformed("the authorization header requires three components: Credential, SignedHeaders, and Signature."),
        ),
        Error::Incomplete { .. } | Error::BadDate { form: Form::Header, .. } => {
            plain("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header".into())
        }
        Error::BadDate { form: Form::Query, .. } => plain(
            "AuthorizationQueryParametersError",
            400,
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".into(),
        ),
        Error::HostNotSigned => headers_not_signed("host".into()),
        Error::HeadersNotSigned(names) => headers_not_signed(names.join(", ")),
        Error::UnsupportedAlgorithm { form: Form::Query, .. } => plain(
            "AuthorizationQueryParametersError",
            400,
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"".into(),
        ),
        Error::UnsupportedAlgorithm { got, .. } => {
            with("InvalidArgument", 400, "Unsupported Authorization Type", argument("Authorization", got))
        }
        Error::BadCredential { form, .. } => scope_error(
            *form,
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".".into(),
            None,
        ),
        Error::BadScope(scope) => scope_mismatch(scope),
        Error::Expired { date_s, now_s, skew_s } | Error::NotYetCurrent { date_s, now_s, skew_s } => with(
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
            vec![
                ("RequestTime", format_amz_date(*date_s)),
                ("ServerTime", iso_long(*now_s)),
                ("MaxAllowedSkewMilliseconds", skew_s.saturating_mul(1000).to_string()),
            ],
        ),
        Error::UrlExpired { date_s, now_s, expires_s } => with(
            "AccessDenied",
            403,
            "Request has expired",
            vec![
                ("X-Amz-Expires", expires_s.to_string()),
                ("Expires", iso_long(date_s.saturating_add(*expires_s))),
                ("ServerTime", iso_long(*now_s)),
            ],
        ),
        Error::UrlNotYetValid { .. } => plain("AccessDenied", 403, "Request is not valid yet".into()),
        Error::ExpiresNotANumber => expires("X-Amz-Expires should be a number"),
        Error::ExpiresNegative => expires("X-Amz-Expires must be non-negative"),
        Error::ExpiresTooLarge => expires(EXPIRES_TOO_LARGE),
        Error::UnknownKey { access_key } => with(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
            vec![("AWSAccessKeyId", access_key.clone())],
        ),
        Error::InvalidToken => {
            plain("InvalidToken", 400, "The provided token is malformed or otherwise invalid.".into())
        }
        Error::ExpiredToken => plain("ExpiredToken", 400, "The provided token has expired.".into()),
        Error::Mismatch(mismatch) => with(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            mismatch_details(mismatch),
        ),
        Error::Payload(PayloadError::Missing) => plain(
            "InvalidRequest",
            400,
            "Missing required header for this request: x-amz-content-sha256".into(),
        ),
        Error::Payload(PayloadError::Invalid { got }) => with(
            "InvalidArgument",
            400,
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            argument("x-amz-content-sha256", got),
        ),
        Error::Payload(PayloadError::Mismatch { declared, computed }) => with(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            vec![
                ("ClientComputedContentSHA256", declared.clone()),
                ("S3ComputedContentSHA256", computed.clone()),
            ],
        ),
    }
}

fn malformed(what: &str) -> String {
    format!("The authorization header is malformed; {what}")
}

fn argument(name: &str, value: &str) -> Vec<(&'static str, String)> {
    vec![("ArgumentName", name.to_owned()), ("ArgumentValue", value.to_owned())]
}

fn expires(message: &str) -> Reply {
    let (code, message) = ("AuthorizationQueryParametersError", message.to_owned());
    Reply { code, status: 400, message, details: Vec::new() }
}

fn headers_not_signed(names: String) -> Reply {
    Reply {
        code: "AccessDenied",
        status: 403,
        message: "There were headers present in the request which were not signed".into(),
        details: vec![("HeadersNotSigned", names)],
    }
}

fn scope_error(form: Form, what: String, region: Option<String>) -> Reply {
    let (code, message) = match form {
        Form::Header => ("AuthorizationHeaderMalformed", malformed(&what)),
        Form::Query => (
            "AuthorizationQueryParametersError",
            format!("Error parsing the X-Amz-Credential parameter; {what}"),
        ),
    };
    Reply { code, status: 400, message, details: region.map(|name| ("Region", name)).into_iter().collect() }
}

fn scope_mismatch(scope: &ScopeMismatch) -> Reply {
    if let Some((received, wanted, _)) = &scope.date {
        let is_date = received.len() == 8 && received.bytes().all(|b| b.is_ascii_digit());
        if !is_date {
            let what = format!(
                "incorrect date format \"{received}\". This date in the credential must be in the format \"yyyyMMdd\"."
            );
            return scope_error(scope.form, what, None);
        }
        let what = format!(
            "Invalid credential date \"{received}\". This date is not the same as X-Amz-Date: \"{wanted}\"."
        );
        let mut reply = scope_error(scope.form, what.clone(), None);
        if scope.form == Form::Query {
            reply.message = what;
        }
        return reply;
    }
    if let Some((received, wanted)) = &scope.region {
        let what = match received.as_str() {
            "" => "a non-empty region must be provided in the credential.".to_owned(),
            received => format!("the region '{received}' is wrong; expecting '{wanted}'"),
        };
        return scope_error(scope.form, what, Some(wanted.clone()));
    }
    if let Some((received, wanted)) = &scope.service {
        let what = format!("incorrect service \"{received}\". This endpoint belongs to \"{wanted}\".");
        return scope_error(scope.form, what, None);
    }
    let received = scope.terminator.as_deref().unwrap_or_default();
    let what = format!("incorrect terminal \"{received}\". This endpoint uses \"aws4_request\".");
    scope_error(scope.form, what, None)
}

fn mismatch_details(mismatch: &Mismatch) -> Vec<(&'static str, String)> {
    let spaced = |text: &str| text.bytes().map(|b| hex(&[b])).collect::<Vec<_>>().join(" ");
    vec![
        ("AWSAccessKeyId", mismatch.access_key.clone()),
        ("StringToSign", mismatch.string_to_sign.clone()),
        ("SignatureProvided", mismatch.signature.clone()),
        ("StringToSignBytes", spaced(&mismatch.string_to_sign)),
        ("CanonicalRequest", mismatch.canonical_request.clone()),
        ("CanonicalRequestBytes", spaced(&mismatch.canonical_request)),
    ]
}

// `2015-08-30T12:36:00Z`.
fn iso_long(epoch_s: i64) -> String {
    let t = format_amz_date(epoch_s);
    format!("{}-{}-{}T{}:{}:{}Z", &t[..4], &t[4..6], &t[6..8], &t[9..11], &t[11..13], &t[13..15])
}
