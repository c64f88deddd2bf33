//! Amazon S3's worked examples of signatures: single-encoded paths, declared payloads, presigned URLs.

use http::{HeaderMap, HeaderName};

use super::{Signer, presign, sign};
use crate::parse::Payload;
use crate::{Credentials, RequestView, Rules, SecretKey, parse_amz_date, sha256};

// AWS: Signature Calculations for the Authorization Header (single chunk); Using Query Parameters.
const BUCKET: (&str, &str) = ("host", "examplebucket.s3.amazonaws.com");

fn credentials() -> Credentials {
    Credentials {
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        secret: SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: None,
    }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
}

fn check(method: &str, target: &str, pairs: &[(&str, &str)], body: &str, expect: &str) {
    let (credentials, rules, headers) = (credentials(), Rules::for_service("s3"), headers(pairs));
    let now_s = parse_amz_date("20130524T000000Z").unwrap();
    let signer =
        Signer { credentials: &credentials, region: "us-east-1", service: "s3", now_s, rules: &rules };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let view = RequestView { method, path, query, headers: &headers, authority: None };
    let added = sign(&view, Payload::Sha256(sha256(body.as_bytes())), &signer).unwrap();
    let authorization = added.last().unwrap().1.to_str().unwrap();
    assert_eq!(authorization.rsplit_once("Signature=").unwrap().1, expect, "{method} {target}");
}

#[test]
fn header_examples() {
    for (method, target, headers, body, expect) in [
        (
            "GET",
            "/test.txt",
            vec![BUCKET, ("range", "bytes=0-9")],
            "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            vec![
                BUCKET,
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            "Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/?lifecycle",
            vec![BUCKET],
            "",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/?max-keys=2&prefix=J",
            vec![BUCKET],
            "",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        check(method, target, &headers, body, expect);
    }
}

#[test]
fn presigned_example() {
    let (credentials, rules, headers) = (credentials(), Rules::for_service("s3"), headers(&[BUCKET]));
    let now_s = parse_amz_date("20130524T000000Z").unwrap();
    let signer =
        Signer { credentials: &credentials, region: "us-east-1", service: "s3", now_s, rules: &rules };
    let view =
        RequestView { method: "GET", path: "/test.txt", query: "", headers: &headers, authority: None };
    assert_eq!(
        presign(&view, Payload::Unsigned, 86_400, &signer),
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}
