//! Bodies there and back, and who gets them packed.

use http::StatusCode;
use plan::Plan;
use plan::definition::{ApiDefinition, IntegrationDefinition, PublishedDeployment, PublishedStage};

use super::*;
use crate::event::tests::exchange;

fn request(headers: &[(&str, &[u8])], body: Vec<u8>) -> Exchange {
    let mut exchange = exchange("/pets/{id}", IntegrationDefinition::default(), headers);
    exchange.inbound.body = body.into();
    exchange
}

#[test]
fn requests_are_unpacked() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        let body = packed(coding, b"hello").unwrap().to_vec();
        let mut sent = request(&[("Content-Encoding", coding.name().as_bytes())], body);
        assert_eq!(unpack(&mut sent), Ok(()));
        assert_eq!(sent.inbound.body, "hello");
    }
    for (encoding, body) in [("br", "x"), ("identity", "x"), ("gzip", "")] {
        let mut sent = request(&[("Content-Encoding", encoding.as_bytes())], body.into());
        assert_eq!(unpack(&mut sent), Ok(()), "{encoding}");
        assert_eq!(sent.inbound.body, body);
    }
}

#[test]
fn requests_that_cannot_be_unpacked() {
    let gzip: [(&str, &[u8]); 1] = [("Content-Encoding", b"gzip")];
    let mut broken = request(&gzip, b"not packed".to_vec());
    assert_eq!(unpack(&mut broken), Err(Kind::BadRequestBody.into()));
    let bomb = packed(Coding::Gzip, &vec![0; ANSWER_BYTES_MAX as usize + 1]).unwrap();
    assert!(bomb.len() < 1_000_000);
    let mut bomb = request(&gzip, bomb.to_vec());
    assert_eq!(unpack(&mut bomb), Err(Kind::RequestTooLarge.into()));
}

/// The coding of an answer of ten bytes to a client that accepts this.
fn check(least: Option<i64>, accept: &[u8], answer_has: Option<&'static str>, expect: Option<&str>) {
    let mut exchange = request(&[("Accept-Encoding", accept)], Vec::new());
    let api = ApiDefinition { minimum_compression_size: least, ..ApiDefinition::default() };
    let deployment = PublishedDeployment { id: "d".to_owned(), api };
    exchange.plan = Plan::compile(PublishedStage::default(), deployment).into();
    let mut response = Response::new(OutBody::Full("0123456789".into()));
    if let Some(coding) = answer_has {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    pack(&exchange, &mut response);
    assert_eq!(response.status(), StatusCode::OK);
    let coding = response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(coding.as_deref(), expect, "{least:?} {accept:?}");
    let OutBody::Full(body) = response.body() else { panic!("the body became a stream") };
    match coding.filter(|_| answer_has.is_none()).and_then(|name| Coding::parse(&name)) {
        Some(coding) => assert_eq!(unpacked(coding, body).unwrap(), b"0123456789"),
        None => assert_eq!(&body[..], b"0123456789"),
    }
}

#[test]
fn answers() {
    check(Some(0), b"gzip", None, Some("gzip"));
    check(Some(10), b"br, deflate;q=0.5, gzip", None, Some("deflate"));
    check(Some(10), b"gzip;q=0, deflate", None, Some("deflate"));
    check(Some(11), b"gzip", None, None);
    check(None, b"gzip", None, None);
    check(Some(0), b"identity", None, None);
    check(Some(0), b"*", None, None);
    check(Some(0), b"", None, None);
    check(Some(0), b"gzip", Some("br"), Some("br"));
}
