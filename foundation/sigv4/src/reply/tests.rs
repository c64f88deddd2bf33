//! Every error in every family: codes, statuses and texts, from raw requests where a request can cause them.

use http::HeaderMap;

use super::Family::{self, Ec2, ExecuteApi, Json, Query, RestJson, S3};
use crate::error::{Error, Mismatch};
use crate::parse::parse;
use crate::verify::{Terms, check as check_terms};
use crate::{RequestView, Rules};

const NOW_S: i64 = 1_440_938_160;

fn check(error: &Error, family: Family, expect: (&str, u16, &str)) {
    let reply = error.reply(family);
    assert_eq!((reply.code, reply.status, reply.message.as_str()), expect, "{family:?} {error:?}");
}

fn failure(service: &str, query: &str, headers: &[(&'static str, &str)]) -> Error {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect();
    let view = RequestView { method: "GET", path: "/", query, headers: &headers, authority: None };
    let rules = Rules::for_service(service);
    let terms = Terms { now_s: NOW_S, rules: &rules, service, region: Some("us-east-1") };
    match parse(&view, &rules) {
        Ok(None) => Error::MissingToken,
        Ok(Some(signed)) => check_terms(&signed, &terms).unwrap_err(),
        Err(error) => error,
    }
}

const DATE: (&str, &str) = ("x-amz-date", "20150830T123600Z");

#[test]
fn json_texts() {
    let auth = |value: &'static str| failure("dynamodb", "", &[("authorization", value), DATE]);
    for (error, code, text) in [
        (
            failure("dynamodb", "", &[]),
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        ),
        (auth("Bearer x"), "MissingAuthenticationTokenException", "Request is missing Authentication Token"),
        (
            failure("dynamodb", "X-Amz-Algorithm=x", &[("authorization", "AWS4-HMAC-SHA256 x")]),
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential"),
            "IncompleteSignatureException",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'PLACEHOLDER1'.",
        ),
        (
            failure("dynamodb", "", &[("authorization", "AWS4-HMAC-SHA256 a=b")]),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=PLACEHOLDER2",
        ),
        (
            failure("dynamodb", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x", &[]),
            "IncompleteSignatureException",
            "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
        ),
        (
            failure(
                "dynamodb",
                "",
                &[
                    ("authorization", "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b"),
                    ("x-amz-date", "201"),
                ],
            ),
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=b"),
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            auth("AWS4-HMAC-SHA25 Credential=a,SignedHeaders=host,Signature=b"),
            "IncompleteSignatureException",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a/b/c/d,SignedHeaders=Host,Signature=b"),
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=b"),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'dynamodb'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'.",
        ),
        (
            auth(
                "AWS4-HMAC-SHA256 Credential=a/20150830/eu-west-1/dynamodb/aws4_request,SignedHeaders=host,Signature=b",
            ),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. ",
        ),
        (
            Error::UnknownKey { access_key: "A".into() },
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            Error::InvalidToken,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            Error::ExpiredToken,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        (
            mismatch(),
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/'\n\nThe String-to-Sign should have been\n'AWS4'\n",
        ),
    ] {
        let text = text
            .replace("PLACEHOLDER1", &super::hashed("AWS4-HMAC-SHA256 Credential"))
            .replace("PLACEHOLDER2", &super::hashed("AWS4-HMAC-SHA256 a=b"));
        check(&error, Json, (code, 400, &text));
    }
}

fn mismatch() -> Error {
    Error::Mismatch(Box::new(Mismatch {
        access_key: "AKID".into(),
        signature: "00".into(),
        string_to_sign: "AWS4".into(),
        canonical_request: "GET\n/".into(),
    }))
}

#[test]
fn times() {
    let expired = Error::Expired { date_s: NOW_S - 901, now_s: NOW_S, skew_s: 900 };
    let text = "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)";
    check(&expired, Json, ("InvalidSignatureException", 400, text));
    check(&expired, Query, ("SignatureDoesNotMatch", 403, text));
    check(&expired, ExecuteApi, ("InvalidSignatureException", 403, text));
    let early = Error::NotYetCurrent { date_s: NOW_S + 301, now_s: NOW_S, skew_s: 300 };
    let text = "Signature not yet current: 20150830T124101Z is still later than 20150830T124100Z (20150830T123600Z + 5 min.)";
    check(&early, RestJson, ("InvalidSignatureException", 403, text));
    check(&expired, Ec2, ("RequestExpired", 400, "Request has expired."));
    let skewed = expired.reply(S3);
    assert_eq!((skewed.code, skewed.status), ("RequestTimeTooSkewed", 403));
    assert_eq!(
        skewed.details,
        [
            ("RequestTime", "20150830T122059Z".to_owned()),
            ("ServerTime", "2015-08-30T12:36:00Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned())
        ]
    );
    let url = Error::UrlExpired { date_s: NOW_S - 61, now_s: NOW_S, expires_s: 60 };
    check(&url, S3, ("AccessDenied", 403, "Request has expired"));
    let future = Error::UrlNotYetValid { date_s: NOW_S + 901, now_s: NOW_S, skew_s: 900 };
    check(&future, S3, ("AccessDenied", 403, "Request is not valid yet"));
}

#[test]
fn codes_by_family() {
    let unknown = Error::UnknownKey { access_key: "AKID".into() };
    let invalid = "The security token included in the request is invalid.";
    let no_token = "Request is missing Authentication Token";
    let wrong = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    let not_validated = "AWS was not able to validate the provided access credentials";
    for (error, family, expect) in [
        (&unknown, Query, ("InvalidClientTokenId", 403, invalid)),
        (&unknown, RestJson, ("UnrecognizedClientException", 403, invalid)),
        (&unknown, Ec2, ("AuthFailure", 401, not_validated)),
        (
            &unknown,
            S3,
            ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        ),
        (&Error::MissingToken, Query, ("MissingAuthenticationToken", 403, no_token)),
        (
            &Error::MissingToken,
            ExecuteApi,
            ("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
        ),
        (
            &Error::MissingToken,
            RestJson,
            ("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
        ),
        (&Error::MissingToken, S3, ("AccessDenied", 403, "Access Denied")),
        (&mismatch(), Query, ("SignatureDoesNotMatch", 403, wrong)),
        (&mismatch(), Ec2, ("AuthFailure", 401, not_validated)),
        (
            &mismatch(),
            S3,
            (
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            ),
        ),
        (
            &Error::ExpiredToken,
            Query,
            ("ExpiredToken", 403, "The security token included in the request is expired"),
        ),
        (&Error::ExpiredToken, S3, ("ExpiredToken", 400, "The provided token has expired.")),
        (
            &Error::InvalidToken,
            S3,
            ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        ),
        (
            &Error::HostNotSigned,
            S3,
            ("AccessDenied", 403, "There were headers present in the request which were not signed"),
        ),
    ] {
        check(error, family, expect);
    }
    assert_eq!(mismatch().reply(S3).details[3], ("StringToSignBytes", "41 57 53 34".to_owned()));
}

#[test]
fn strangers_at_api_gateway() {
    let error = failure("execute-api", "", &[("authorization", "Bearer eyJ")]);
    let text = format!(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{}'.",
        super::hashed("Bearer eyJ")
    );
    check(&error, ExecuteApi, ("IncompleteSignatureException", 403, &text));
    let error = failure("execute-api", "", &[("authorization", "Basic dXNlcg==")]);
    let reply = error.reply(ExecuteApi);
    assert!(
        reply.message.starts_with("Authorization header requires 'Credential' parameter. "),
        "{}",
        reply.message
    );
}

#[test]
fn s3_texts() {
    let auth = |value: &'static str| {
        failure("s3", "", &[("authorization", value), DATE, ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")])
    };
    let scoped = |scope: &str| {
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date=20150830T123600Z&X-Amz-Expires=1000&X-Amz-SignedHeaders=host&X-Amz-Signature=X"
        );
        failure("s3", &query, &[])
    };
    let malformed = "AuthorizationHeaderMalformed";
    let query_error = "AuthorizationQueryParametersError";
    for (error, code, status, text) in [
        (
            auth("nonsense"),
            "InvalidArgument",
            400,
            "Authorization header is invalid -- one and only one ' ' (space) required",
        ),
        (auth("Bearer x"), "InvalidArgument", 400, "Unsupported Authorization Type"),
        (
            auth("AWS4-HMAC-SHA256 Credential"),
            malformed,
            400,
            "The authorization header is malformed; the authorization component \"Credential\" is malformed.",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a"),
            malformed,
            400,
            "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        (
            auth("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host;x-amz-date,Signature=b"),
            malformed,
            400,
            "The authorization header is malformed; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        (
            auth(
                "AWS4-HMAC-SHA256 Credential=a/20150830/eu/s3/aws4_request,SignedHeaders=host;x-amz-date,Signature=b",
            ),
            malformed,
            400,
            "The authorization header is malformed; the region 'eu' is wrong; expecting 'us-east-1'",
        ),
        (
            failure(
                "s3",
                "",
                &[("authorization", "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b")],
            ),
            "AccessDenied",
            403,
            "AWS authentication requires a valid Date or x-amz-date header",
        ),
        (
            failure("s3", "X-Amz-Algorithm=AWS4-HMAC-SHA256", &[]),
            query_error,
            400,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
        (
            scoped("a/not-a-date/us-east-1/s3/aws4_request"),
            query_error,
            400,
            "Error parsing the X-Amz-Credential parameter; incorrect date format \"not-a-date\". This date in the credential must be in the format \"yyyyMMdd\".",
        ),
        (
            scoped("a/20150829/us-east-1/s3/aws4_request"),
            query_error,
            400,
            "Invalid credential date \"20150829\". This date is not the same as X-Amz-Date: \"20150830\".",
        ),
        (
            scoped("a/20150830/us-west-1/s3/aws4_request"),
            query_error,
            400,
            "Error parsing the X-Amz-Credential parameter; the region 'us-west-1' is wrong; expecting 'us-east-1'",
        ),
        (
            scoped("a/20150830/us-east-1/not-s3/aws4_request"),
            query_error,
            400,
            "Error parsing the X-Amz-Credential parameter; incorrect service \"not-s3\". This endpoint belongs to \"s3\".",
        ),
        (
            scoped("a/20150830/us-east-1/s3/x"),
            query_error,
            400,
            "Error parsing the X-Amz-Credential parameter; incorrect terminal \"x\". This endpoint uses \"aws4_request\".",
        ),
    ] {
        check(&error, S3, (code, status, text));
    }
    let wrong_region = scoped("a/20150830/us-west-1/s3/aws4_request").reply(S3);
    assert_eq!(wrong_region.details, [("Region", "us-east-1".to_owned())]);
}
