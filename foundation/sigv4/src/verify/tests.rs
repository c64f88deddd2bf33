//! Time, scope, tokens and payloads, each as a table.

use http::HeaderMap;

use super::{Body, Terms, check, verify};
use crate::error::{Error, PayloadError};
use crate::key::{Credentials, SecretKey, SigningKey, sha256};
use crate::parse::{Payload, parse};
use crate::sign::{Signer, presign, sign};
use crate::{RequestView, Rules};

const NOW_S: i64 = 1_440_938_160;

fn credentials(token: Option<&str>) -> Credentials {
    let session_token = token.map(str::to_owned);
    Credentials { access_key: "AKID".into(), secret: SecretKey::new("secret"), session_token }
}

fn host() -> HeaderMap {
    HeaderMap::from_iter([(http::header::HOST, "h".parse().unwrap())])
}

fn header_signed(service: &str, payload: Payload, token: Option<&str>) -> HeaderMap {
    let (rules, credentials, mut headers) = (Rules::for_service(service), credentials(token), host());
    let signer = Signer { credentials: &credentials, region: "r1", service, now_s: NOW_S, rules: &rules };
    for (name, value) in sign(&view("", &headers), payload, &signer).unwrap() {
        headers.insert(name, value);
    }
    headers
}

fn view<'a>(query: &'a str, headers: &'a HeaderMap) -> RequestView<'a> {
    RequestView { method: "GET", path: "/", query, headers, authority: None }
}

fn outcome(service: &str, query: &str, headers: &HeaderMap, now_s: i64) -> Result<(), Error> {
    let rules = Rules::for_service(service);
    let terms = Terms { now_s, rules: &rules, service, region: None };
    let signed = parse(&view(query, headers), &rules)?.ok_or(Error::MissingToken)?;
    check(&signed, &terms)?;
    let key = SigningKey::derive(&SecretKey::new("secret"), &signed.scope);
    verify(&signed, &view(query, headers), &key, Body::Sha256(sha256(b"")), &terms)
}

#[test]
fn header_times() {
    let headers = header_signed("sts", Payload::Body, None);
    for (later_s, is_right) in [(0, true), (900, true), (901, false), (-900, true), (-901, false)] {
        assert_eq!(outcome("sts", "", &headers, NOW_S + later_s).is_ok(), is_right, "{later_s}");
    }
    let headers = header_signed("lambda", Payload::Body, None);
    assert_eq!(
        outcome("lambda", "", &headers, NOW_S + 301),
        Err(Error::Expired { date_s: NOW_S, now_s: NOW_S + 301, skew_s: 300 })
    );
    assert_eq!(
        outcome("lambda", "", &headers, i64::MIN),
        Err(Error::NotYetCurrent { date_s: NOW_S, now_s: i64::MIN, skew_s: 300 })
    );
}

#[test]
fn url_times() {
    let (rules, credentials, headers) = (Rules::for_service("s3"), credentials(Some("t/+=")), host());
    let signer =
        Signer { credentials: &credentials, region: "r1", service: "s3", now_s: NOW_S, rules: &rules };
    let query = presign(&view("acl&x=1+2", &headers), Payload::Unsigned, 3600, &signer);
    for (later_s, is_right) in [(0, true), (3600, true), (3601, false), (-900, true), (-901, false)] {
        assert_eq!(outcome("s3", &query, &headers, NOW_S + later_s).is_ok(), is_right, "{later_s}");
    }
    for (from, to, error) in [
        ("Expires=3600", "Expires=604801", Error::ExpiresTooLarge),
        ("Expires=3600", "Expires=-1", Error::ExpiresNegative),
        ("Expires=3600", "Expires=1e3", Error::ExpiresNotANumber),
    ] {
        assert_eq!(outcome("s3", &query.replace(from, to), &headers, NOW_S), Err(error));
    }
    let longer = query.replace("Expires=3600", "Expires=604800");
    assert!(matches!(outcome("s3", &longer, &headers, NOW_S), Err(Error::Mismatch(_))));
    let other_token = query.replace("Token=t", "Token=u");
    assert!(matches!(outcome("s3", &other_token, &headers, NOW_S), Err(Error::Mismatch(_))));
}

#[test]
fn tokens() {
    // In the header: signed or not, as the list of signed headers says.
    let mut headers = header_signed("sts", Payload::Body, None);
    headers.insert("x-amz-security-token", "added-later".parse().unwrap());
    assert_eq!(outcome("sts", "", &headers, NOW_S), Ok(()));
    let mut headers = header_signed("sts", Payload::Body, Some("token"));
    assert_eq!(outcome("sts", "", &headers, NOW_S), Ok(()));
    headers.insert("x-amz-security-token", "other".parse().unwrap());
    assert!(matches!(outcome("sts", "", &headers, NOW_S), Err(Error::Mismatch(_))));
    // In the query: left out of the signature only where AWS does so.
    for (service, made_by, is_right) in [
        ("iotdevicegateway", "iotdevicegateway", true),
        ("sts", "sts", true),
        ("sts", "iotdevicegateway", false),
    ] {
        let (rules, credentials, headers) = (Rules::for_service(made_by), credentials(Some("t")), host());
        let signer = Signer { credentials: &credentials, region: "r1", service, now_s: NOW_S, rules: &rules };
        let query = presign(&view("", &headers), Payload::Body, 60, &signer);
        assert_eq!(outcome(service, &query, &headers, NOW_S).is_ok(), is_right, "{service} {made_by}");
    }
}

#[test]
fn payloads() {
    for (payload, is_right) in [
        (Payload::Unsigned, true),
        (Payload::Streaming, true),
        (Payload::StreamingUnsignedTrailer, true),
        (Payload::Sha256(sha256(b"")), true),
    ] {
        let headers = header_signed("s3", payload, None);
        assert_eq!(outcome("s3", "", &headers, NOW_S).is_ok(), is_right, "{payload:?}");
    }
    let headers = header_signed("s3", Payload::Sha256(sha256(b"other")), None);
    let wrong = outcome("s3", "", &headers, NOW_S);
    assert!(matches!(wrong, Err(Error::Payload(PayloadError::Mismatch { .. }))), "{wrong:?}");
    // Other services do not take the word for it.
    let mut headers = header_signed("lambda", Payload::Unsigned, None);
    headers.insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
    assert!(matches!(outcome("lambda", "", &headers, NOW_S), Err(Error::Mismatch(_))));
    for (value, expect) in [
        (None, PayloadError::Missing),
        (Some("nonsense"), PayloadError::Invalid { got: "nonsense".into() }),
        (Some("E3"), PayloadError::Invalid { got: "E3".into() }),
    ] {
        let mut headers = header_signed("s3", Payload::Unsigned, None);
        headers.remove("x-amz-content-sha256");
        if let Some(text) = value {
            headers.insert("x-amz-content-sha256", text.parse().unwrap());
        }
        assert_eq!(outcome("s3", "", &headers, NOW_S), Err(Error::Payload(expect)));
    }
}

#[test]
fn scopes() {
    let rules = Rules::for_service("sts");
    let base = header_signed("sts", Payload::Body, None);
    let original = base["authorization"].to_str().unwrap();
    for (from, to, region, service, terminator, date) in [
        ("r1", "r2", true, false, false, false),
        ("/sts/", "/s3/", false, true, false, false),
        ("aws4_request", "aws5", false, false, true, false),
        ("20150830", "20150831", false, false, false, true),
        ("20150830/r1/sts/aws4_request", "b/c/d/e", true, true, true, true),
    ] {
        let mut headers = base.clone();
        headers.insert("authorization", original.replace(from, to).parse().unwrap());
        let signed = parse(&view("", &headers), &rules).unwrap().unwrap();
        let terms = Terms { now_s: NOW_S, rules: &rules, service: "sts", region: Some("r1") };
        let Err(Error::BadScope(wrong)) = check(&signed, &terms) else { panic!("{to}") };
        let found = (
            wrong.region.is_some(),
            wrong.service.is_some(),
            wrong.terminator.is_some(),
            wrong.date.is_some(),
        );
        assert_eq!(found, (region, service, terminator, date), "{to}");
    }
}

#[test]
fn amz_headers_must_be_signed_for_s3() {
    let mut headers = header_signed("s3", Payload::Unsigned, None);
    headers.insert("x-amz-acl", "public-read".parse().unwrap());
    assert_eq!(outcome("s3", "", &headers, NOW_S), Err(Error::HeadersNotSigned(vec!["x-amz-acl".into()])));
}

#[test]
fn authority_stands_for_host() {
    let rules = Rules::for_service("sts");
    let headers = header_signed("sts", Payload::Body, None);
    let mut without_host = headers.clone();
    without_host.remove("host");
    let view = RequestView { authority: Some("h"), ..view("", &without_host) };
    let signed = parse(&view, &rules).unwrap().unwrap();
    let key = SigningKey::derive(&SecretKey::new("secret"), &signed.scope);
    let terms = Terms { now_s: NOW_S, rules: &rules, service: "sts", region: None };
    assert_eq!(verify(&signed, &view, &key, Body::Sha256(sha256(b"")), &terms), Ok(()));
}
