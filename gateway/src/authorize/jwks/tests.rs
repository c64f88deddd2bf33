//! Key sets and discovery documents, and how often an issuer is asked.

use super::*;
use crate::Settings;
use crate::authorize::jwt::tests::{Issuing, Key};
use crate::authorize::tests::house::House;

#[test]
fn key_sets() {
    let key = Key::new("one").jwk();
    let ids = |keys: &[Value]| {
        let set = serde_json::json!({ "keys": keys }).to_string();
        let mut ids: Vec<String> = read(set.as_bytes()).unwrap().into_keys().collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&[]), Vec::<String>::new());
    let changed = |name: &str, value: Value| {
        let mut key = key.clone();
        key[name] = value;
        key
    };
    assert_eq!(ids(&[key.clone(), changed("kid", "two".into())]), ["one", "two"]);
    // Keys for encryption, of other kinds and without a name are left out.
    let ec = serde_json::json!({"kty": "EC", "crv": "P-256", "kid": "ec", "x": "AA", "y": "AA"});
    assert_eq!(ids(&[changed("use", "enc".into()), changed("kid", Value::Null), ec]), Vec::<String>::new());
    let many: Vec<Value> = (0..200).map(|number| changed("kid", number.to_string().into())).collect();
    assert_eq!(ids(&many).len(), ISSUER_KEYS_MAX);
    for body in ["", "{", "[]", "{\"keys\":1}", "<html>"] {
        assert!(read(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn discovery() {
    let found = |document: &str| jwks_uri(document.as_bytes(), "https://issuer");
    assert_eq!(found(r#"{"issuer":"https://issuer/","jwks_uri":"https://k"}"#), Ok("https://k".to_owned()));
    for document in
        ["", "{}", r#"{"issuer":"https://other","jwks_uri":"https://k"}"#, r#"{"issuer":"https://issuer"}"#]
    {
        assert!(found(document).is_err(), "{document}");
    }
}

#[tokio::test]
async fn issuers_are_not_asked_too_often() {
    let house = House::new(Settings::default());
    let issuing = Issuing::start(vec![Key::new("one")]).await;
    let issuer = issuing.issuer();
    let known = async |id: &str| {
        house.gateway.memory.issuers.key(&house.gateway, &issuer, id).await.map(|key| key.is_some())
    };
    // Whoever comes first, asks; the others wait for the answer.
    let (first, second) = tokio::join!(known("one"), known("one"));
    assert_eq!((first, second), (Ok(true), Ok(true)));
    assert_eq!(issuing.asked(), 1);
    for _ in 0..5 {
        assert_eq!(known("unknown").await, Ok(false));
    }
    assert_eq!(issuing.asked(), 1, "too soon for a key that is not known");
    issuing.set(vec![Key::new("one"), Key::new("two")]);
    house.clock.advance(10);
    assert_eq!(known("one").await, Ok(true));
    assert_eq!(issuing.asked(), 1, "the key is known");
    assert_eq!(known("two").await, Ok(true));
    assert_eq!(issuing.asked(), 2, "a new key is looked for");
    // What was good stays good while the issuer is away, and is asked for again after an hour.
    issuing.break_off();
    house.clock.advance(3601);
    assert_eq!(known("two").await, Ok(true));
    assert_eq!(issuing.asked(), 3);
    assert_eq!(known("two").await, Ok(true));
    assert_eq!(issuing.asked(), 3);
    let nowhere = Issuer { url: "http://127.0.0.1:1".to_owned(), is_cognito: true };
    assert!(house.gateway.memory.issuers.key(&house.gateway, &nowhere, "one").await.is_err());
}

#[tokio::test]
async fn answers_have_a_length() {
    let house = House::new(Settings::default());
    let issuing = Issuing::start(vec![Key::new("one")]).await;
    issuing.pad(ISSUER_BYTES_MAX);
    let found = house.gateway.memory.issuers.key(&house.gateway, &issuing.issuer(), "one").await;
    assert!(found.is_err_and(|why| why.contains("more than 150000 bytes")));
}
