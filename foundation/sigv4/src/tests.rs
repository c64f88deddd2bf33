//! The published signing suite (v4 and v4a), and properties: signed requests verify, changed ones do not, nothing panics.

use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use crate::canonical::{Coverage, build};
use crate::*;

struct Raw {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Raw {
    fn read(file: &Path) -> Raw {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let first = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let (method, target) = first.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines {
            match line.strip_prefix([' ', '\t']) {
                // A folded line: what stands before us unfolds it (RFC 9112, section 5.2).
                Some(folded) => {
                    *fields.last_mut().unwrap() = {
                        let (name, value) = fields.last().unwrap().clone();
                        (name, format!("{value} {folded}"))
                    }
                }
                None => {
                    let (name, value) = line.split_once(':').unwrap();
                    fields.push((name.to_owned(), value.to_owned()));
                }
            }
        }
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                HeaderName::try_from(name).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        Raw { method: method.into(), path: path.into(), query: query.into(), headers, body: body.into() }
    }

    fn view(&self) -> RequestView<'_> {
        let Raw { method, path, query, headers, .. } = self;
        RequestView { method, path, query, headers, authority: None }
    }
}

fn suite(version: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("LOGGIA_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let folder = root.join("sigv4").join(version);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: no signing suite at {} (set LOGGIA_VECTORS)", folder.display());
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    // Two folders of the published suite (v4a/get-vanilla-query-order-key and -value) have a request and no answer.
    folders.retain(|folder| folder.join("header-signature.txt").exists());
    folders.sort();
    assert!(folders.len() >= 37, "the suite has lost cases");
    folders
}

fn check(folder: &Path) {
    let name = folder.display();
    let context: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("context.json")).unwrap()).unwrap();
    let text = |key: &str| context[key].as_str().unwrap().to_owned();
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let omits_token = context["omit_session_token"].as_bool() == Some(true);
    let normalizes = context["normalize"].as_bool().unwrap();
    let rules = Rules {
        path: if normalizes { PathRule::NormalizedDoubleEncoded } else { PathRule::DoubleEncoded },
        token_after_signing: omits_token,
        ..Rules::for_service("service")
    };
    let now_s = parse_amz_date(&text("timestamp").replace(['-', ':'], "")).unwrap();
    let credential = &context["credentials"];
    let secret = SecretKey::new(credential["secret_access_key"].as_str().unwrap());
    let access_key = credential["access_key_id"].as_str().unwrap();
    let session_token = credential["token"].as_str().map(str::to_owned);
    let terms =
        Terms { now_s, rules: &rules, service: "service", region: Some(context["region"].as_str().unwrap()) };
    let is_v4a = folder.parent().unwrap().ends_with("v4a");

    for form in ["header", "query"] {
        let raw = Raw::read(&folder.join(format!("{form}-signed-request.txt")));
        let signed = parse(&raw.view(), &rules).unwrap().unwrap();
        assert_eq!(signed.access_key, access_key);
        let body = sha256(&raw.body);
        let covered = Coverage {
            form: signed.form,
            headers: &signed.signed_headers,
            query_token: form == "header" || !omits_token,
        };
        let canonical = build(&raw.view(), &covered, &hex(&body), &rules);
        let expected = read(&format!("{form}-canonical-request.txt"));
        assert_eq!(String::from_utf8(canonical.clone()).unwrap(), expected, "{name} {form}");
        let scope = signed.scope.to_text();
        let to_sign = string_to_sign(signed.algorithm.name(), &signed.date_text(), &scope, &canonical);
        assert_eq!(to_sign, read(&format!("{form}-string-to-sign.txt")), "{name} {form}");
        let listed = read(&format!("{form}-signature.txt"));
        if is_v4a {
            let key = VerifyingKey::derive(access_key, &secret).unwrap();
            let public: serde_json::Value = serde_json::from_str(&read("public-key.json")).unwrap();
            let point = format!("04{}{}", public["X"].as_str().unwrap(), public["Y"].as_str().unwrap());
            assert_eq!(hex(key.point()), point);
            assert!(key.matches(to_sign.as_bytes(), listed.trim()), "{name} {form}");
            assert!(!key.matches(format!("{to_sign} ").as_bytes(), listed.trim()));
            assert_eq!(verify_v4a(&signed, &raw.view(), &key, Body::Sha256(body), &terms), Ok(()), "{name}");
            continue;
        }
        let key = SigningKey::derive(&secret, &signed.scope);
        assert_eq!(hex(&key.sign(to_sign.as_bytes())), listed.trim(), "{name} {form}");
        assert_eq!(verify(&signed, &raw.view(), &key, Body::Sha256(body), &terms), Ok(()), "{name} {form}");
    }
    if is_v4a {
        return;
    }

    // The other direction: our own signing gives the same signatures.
    let mut raw = Raw::read(&folder.join("request.txt"));
    let payload = Payload::Sha256(sha256(&raw.body));
    let token = session_token.clone().filter(|_| !omits_token);
    let credentials =
        Credentials { access_key: access_key.into(), secret: secret.clone(), session_token: token };
    let region = text("region");
    let signer =
        Signer { credentials: &credentials, region: &region, service: "service", now_s, rules: &rules };
    let query = presign(&raw.view(), payload, 3600, &signer);
    assert!(query.ends_with(read("query-signature.txt").trim()), "{name} presign");
    if context["sign_body"].as_bool() == Some(true) {
        raw.headers.insert("x-amz-content-sha256", hex(&sha256(&raw.body)).parse().unwrap());
    }
    let added = sign(&raw.view(), payload, &signer).unwrap();
    let (_, authorization) = added.last().unwrap();
    assert!(authorization.to_str().unwrap().ends_with(read("header-signature.txt").trim()), "{name} sign");
}

#[test]
fn suite_v4() {
    suite("v4").iter().for_each(|folder| check(folder));
}

#[test]
fn suite_v4a() {
    suite("v4a").iter().for_each(|folder| check(folder));
}

#[test]
fn cache_follows_the_secret() {
    let cache = KeyCache::new(2);
    let scope = |day: u32| Scope { date: day.to_string(), region: "r".into(), service: "s".into() };
    let (one, two) = (SecretKey::new("one"), SecretKey::new("two"));
    for day in [20150830, 20150831, 20150901, 20150830] {
        for secret in [&one, &two, &one] {
            let expected = SigningKey::derive(secret, &scope(day)).sign(b"x");
            assert_eq!(cache.get("AKID", secret, &scope(day)).sign(b"x"), expected);
        }
    }
}

#[derive(Clone, Debug)]
struct Case {
    path: String,
    query: String,
    header: String,
    body: Vec<u8>,
    is_s3: bool,
    in_query: bool,
    token: Option<String>,
}

fn cases() -> impl Strategy<Value = Case> {
    (
        "/[ -~]{0,12}".prop_map(|p| p.replace(['?', '#'], "%3F")),
        "([a-z%+=&~]{0,6}=[ -~]{0,6})?".prop_map(|q| q.replace('#', "%23")),
        "[!-~]([ -~]{0,8}[!-~])?",
        proptest::collection::vec(any::<u8>(), 0..20),
        any::<bool>(),
        any::<bool>(),
        proptest::option::of("[A-Za-z0-9/+=]{1,20}"),
    )
        .prop_map(|(path, query, header, body, is_s3, in_query, token)| Case {
            path,
            query,
            header,
            body,
            is_s3,
            in_query,
            token,
        })
}

const NOW_S: i64 = 1_440_938_160;

fn signed_request(case: &Case) -> (Raw, Rules, &'static str) {
    let service = if case.is_s3 { "s3" } else { "lambda" };
    let rules = Rules::for_service(service);
    let mut raw = Raw {
        method: "PUT".into(),
        path: case.path.clone(),
        query: case.query.clone(),
        headers: HeaderMap::new(),
        body: case.body.clone(),
    };
    raw.headers.insert("host", HeaderValue::from_static("example.com"));
    raw.headers.insert("x-amz-meta", HeaderValue::from_bytes(case.header.as_bytes()).unwrap());
    let credentials = Credentials {
        access_key: "AKID".into(),
        secret: SecretKey::new("secret"),
        session_token: case.token.clone(),
    };
    let signer =
        Signer { credentials: &credentials, region: "eu-west-1", service, now_s: NOW_S, rules: &rules };
    let hash = Payload::Sha256(sha256(&case.body));
    if case.in_query {
        let payload = if case.is_s3 { Payload::Unsigned } else { hash };
        raw.query = presign(&raw.view(), payload, 60, &signer);
    } else {
        for (name, value) in sign(&raw.view(), hash, &signer).unwrap() {
            raw.headers.insert(name, value);
        }
    }
    (raw, rules, service)
}

fn outcome(raw: &Raw, rules: &Rules, service: &str) -> Result<(), Error> {
    let terms = Terms { now_s: NOW_S + 30, rules, service, region: Some("eu-west-1") };
    let signed = parse(&raw.view(), rules)?.ok_or(Error::MissingToken)?;
    let key = SigningKey::derive(&SecretKey::new("secret"), &signed.scope);
    verify(&signed, &raw.view(), &key, Body::Sha256(sha256(&raw.body)), &terms)
}

proptest! {
    #[test]
    fn signed_requests_verify(case in cases()) {
        let (raw, rules, service) = signed_request(&case);
        prop_assert_eq!(outcome(&raw, &rules, service), Ok(()));
    }

    #[test]
    fn changed_requests_do_not(case in cases(), at in any::<usize>(), letter in "[a-z]") {
        // One byte of what is signed, set to another letter: method, path, query, header, body, signature.
        let (raw, rules, service) = signed_request(&case);
        let change = |text: &str, from: usize| {
            let at = from + at % (text.len() - from).max(1);
            let mut bytes = text.as_bytes().to_vec();
            if at >= bytes.len() { bytes.push(0) }
            bytes[at] = if bytes[at] == letter.as_bytes()[0] { b'Q' } else { letter.as_bytes()[0] };
            String::from_utf8(bytes).unwrap()
        };
        // Normalising may make two paths one; the letters alone never do, unless they take a dot segment's place.
        let path = change(&raw.path, 1);
        let same_path = |a: &str, b: &str| {
            crate::encode::canonical_path(a, rules.path) == crate::encode::canonical_path(b, rules.path)
        };
        let mut changed = vec![
            Raw { method: change(&raw.method, 0), ..copy(&raw) },
            Raw { query: format!("{}&extra=1", raw.query), ..copy(&raw) },
        ];
        if !same_path(&path, &raw.path) {
            changed.push(Raw { path, ..copy(&raw) });
        }
        if !(case.is_s3 && case.in_query) {
            let mut body = raw.body.clone();
            body.push(0);
            changed.push(Raw { body, ..copy(&raw) });
        }
        let mut with_header = copy(&raw);
        let value = change(&case.header, 0);
        with_header.headers.insert("x-amz-meta", value.parse().unwrap());
        changed.push(with_header);
        let mut with_host = copy(&raw);
        with_host.headers.insert("host", "example.org".parse().unwrap());
        changed.push(with_host);
        for request in &changed {
            prop_assert!(outcome(request, &rules, service).is_err(), "{} {}?{}", request.method, request.path, request.query);
        }
    }

    #[test]
    fn nothing_panics(
        authorization in proptest::option::of("(AWS4-HMAC-SHA256 )?[ -~]{0,80}"),
        query in "(X-Amz-(Algorithm|Credential|Date|Expires|Signature|SignedHeaders)=[ -~é]{0,20}&){0,6}",
        path in "\\PC{0,20}",
        date in proptest::option::of("[0-9TZé]{0,16}"),
    ) {
        let mut headers = HeaderMap::new();
        if let Some(text) = authorization.as_deref().and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok()) {
            headers.insert("authorization", text);
        }
        if let Some(text) = date.as_deref().and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok()) {
            headers.insert("x-amz-date", text);
        }
        let view = RequestView { method: "GET", path: &path, query: &query, headers: &headers, authority: None };
        for service in ["s3", "sts"] {
            let rules = Rules::for_service(service);
            let result = parse(&view, &rules);
            for family in [reply::Family::Json, reply::Family::Query, reply::Family::S3, reply::Family::ExecuteApi] {
                if let Err(error) = &result {
                    prop_assert!(error.reply(family).status >= 400);
                }
            }
        }
    }
}

fn copy(raw: &Raw) -> Raw {
    Raw {
        method: raw.method.clone(),
        path: raw.path.clone(),
        query: raw.query.clone(),
        headers: raw.headers.clone(),
        body: raw.body.clone(),
    }
}
