//! Tokens of an issuer that a test plays.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plan::definition::{ApiDefinition, AuthorizerDefinition, MethodDefinition};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::Settings;
use crate::authorize::tests::house::{ACCOUNT, House, NOW_S, api, protected, stage};

/// A key of an issuer. All tests share two pairs: making one is slow.
#[derive(Clone)]
pub(crate) struct Key {
    id: String,
    pair: &'static KeyPair,
}

static PAIRS: LazyLock<[KeyPair; 2]> =
    LazyLock::new(|| [0, 1].map(|_| KeyPair::generate(KeySize::Rsa2048).unwrap()));

impl Key {
    pub(crate) fn new(id: &str) -> Key {
        Key { id: id.to_owned(), pair: &PAIRS[0] }
    }

    fn foreign(id: &str) -> Key {
        Key { id: id.to_owned(), pair: &PAIRS[1] }
    }

    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id,
            "n": text(public.modulus().big_endian_without_leading_zero()),
            "e": text(public.exponent().big_endian_without_leading_zero()),
        })
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": "RS256", "kid": self.id, "typ": "JWT"}), claims)
    }

    fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// An issuer with its key set at `/.well-known/jwks.json`.
pub(crate) struct Issuing {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    keys: Mutex<Vec<Key>>,
    asked: AtomicUsize,
    padding: AtomicUsize,
    is_broken: AtomicBool,
}

impl Issuing {
    pub(crate) async fn start(keys: Vec<Key>) -> Issuing {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State { keys: Mutex::new(keys), ..State::default() });
        let (serving, own) = (Arc::clone(&state), url.clone());
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let length = connection.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let answer = serving.answer(&head, &own);
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        });
        Issuing { url, state }
    }

    pub(crate) fn issuer(&self) -> Issuer {
        Issuer { url: self.url.clone(), is_cognito: false }
    }

    pub(crate) fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, keys: Vec<Key>) {
        *self.state.keys.lock().unwrap() = keys;
    }

    pub(crate) fn break_off(&self) {
        self.state.is_broken.store(true, Ordering::SeqCst);
    }

    pub(crate) fn pad(&self, bytes: usize) {
        self.state.padding.store(bytes, Ordering::SeqCst);
    }
}

impl State {
    fn answer(&self, head: &str, url: &str) -> String {
        let discovers = head.starts_with("GET /.well-known/openid-configuration ");
        assert!(discovers || head.starts_with("GET /keys "), "{head}");
        let body = if discovers {
            json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string()
        } else {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let keys: Vec<Value> = self.keys.lock().unwrap().iter().map(Key::jwk).collect();
            json!({"keys": keys, "padding": "x".repeat(self.padding.load(Ordering::SeqCst))}).to_string()
        };
        let status = if self.is_broken.load(Ordering::SeqCst) && !discovers { "500 Oh" } else { "200 OK" };
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }
}

const POOL: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool";
const UNAUTHORIZED: &str = "401 UnauthorizedException {\"message\":\"Unauthorized\"}";
const EXPIRED: &str = "401 UnauthorizedException {\"message\":\"The incoming token has expired\"}";

fn definition(providers: &[&str]) -> AuthorizerDefinition {
    AuthorizerDefinition {
        id: "auth01".to_owned(),
        kind: "COGNITO_USER_POOLS".to_owned(),
        provider_arns: providers.iter().map(|provider| (*provider).to_owned()).collect(),
        identity_source: Some("method.request.header.Authorization".to_owned()),
        ..AuthorizerDefinition::default()
    }
}

fn guarded(definition: &AuthorizerDefinition, scopes: &[&str]) -> ApiDefinition {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let method =
        MethodDefinition { authorization_scopes: scopes, ..protected("COGNITO_USER_POOLS", Some("auth01")) };
    api(&method, std::slice::from_ref(definition))
}

/// A house whose user pool's keys are at another address.
async fn house(issuing: &Issuing) -> House {
    let issuer_keys = [(POOL.to_owned(), format!("{}/keys", issuing.url))].into();
    House::new(Settings { issuer_keys, ..Settings::default() })
}

fn pool() -> AuthorizerDefinition {
    definition(&[&format!("arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_pool")])
}

/// An id token's claims with changes; null takes a claim away.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": POOL, "sub": "user-1", "aud": "client-1", "token_use": "id", "exp": NOW_S + 600, "iat": NOW_S,
        "auth_time": NOW_S, "cognito:groups": ["admin", "staff"], "email_verified": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

#[tokio::test]
async fn id_tokens_of_a_user_pool() {
    let key = Key::new("one");
    let issuing = Issuing::start(vec![key.clone()]).await;
    let house = house(&issuing).await;
    house.publish(guarded(&pool(), &[]), stage()).await;
    let good = key.sign(&claims(&json!({})));
    let tampered = {
        let (message, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let payload = BASE64_URL_SAFE_NO_PAD.encode(claims(&json!({"sub": "admin"})).to_string());
        format!("{header}.{payload}.{signature}")
    };
    let unsigned = {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(claims(&json!({})).to_string());
        format!("{}.{payload}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"one"}"#))
    };
    for (token, expect) in [
        (good.clone(), "200"),
        (format!("Bearer {good}"), "200"),
        (format!("bearer {good}"), "200"),
        (format!("Basic {good}"), UNAUTHORIZED),
        (tampered, UNAUTHORIZED),
        (unsigned, UNAUTHORIZED),
        (String::new(), UNAUTHORIZED),
        ("Bearer".to_owned(), UNAUTHORIZED),
        ("a.b.c".to_owned(), UNAUTHORIZED),
        (Key::foreign("one").sign(&claims(&json!({}))), UNAUTHORIZED),
        (Key::new("two").sign(&claims(&json!({}))), UNAUTHORIZED),
        (key.sign_with(&json!({"alg": "RS256"}), &claims(&json!({}))), UNAUTHORIZED),
        (key.sign_with(&json!({"alg": "HS256", "kid": "one"}), &claims(&json!({}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"exp": NOW_S}))), EXPIRED),
        (key.sign(&claims(&json!({"exp": NOW_S + 1}))), "200"),
        // Whether it is expired is nobody's business before the signature is right.
        (Key::foreign("one").sign(&claims(&json!({"exp": NOW_S - 9}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"exp": null}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"exp": "soon"}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"nbf": NOW_S + 5}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"iat": NOW_S + 5}))), UNAUTHORIZED),
        (
            key.sign(&claims(&json!({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other"}))),
            UNAUTHORIZED,
        ),
        (key.sign(&claims(&json!({"iss": null}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"token_use": "access"}))), UNAUTHORIZED),
        (key.sign(&claims(&json!({"token_use": null}))), UNAUTHORIZED),
    ] {
        assert_eq!(house.outcome("GET", "/prod/pets", &[("Authorization", &token)]).await, expect, "{token}");
    }
    assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, UNAUTHORIZED);
    let event = house.request("GET", "/prod/pets", &[("Authorization", &good)]).await.json;
    assert_eq!(
        event["requestContext"]["authorizer"],
        json!({"claims": {
            "iss": POOL, "sub": "user-1", "aud": "client-1", "token_use": "id",
            "exp": "Mon Jan 01 00:10:00 UTC 2024", "iat": "Mon Jan 01 00:00:00 UTC 2024", "auth_time": NOW_S.to_string(),
            "cognito:groups": "admin,staff", "email_verified": "true",
        }})
    );
    // A token that is remembered ends all the same.
    house.clock.advance(600);
    assert_eq!(house.outcome("GET", "/prod/pets", &[("Authorization", &good)]).await, EXPIRED);
}

#[tokio::test]
async fn access_tokens_need_a_scope() {
    let key = Key::new("one");
    let issuing = Issuing::start(vec![key.clone()]).await;
    let house = house(&issuing).await;
    house.publish(guarded(&pool(), &["pets/read", "pets/write"]), stage()).await;
    let access = |scope: &str| {
        key.sign(&claims(
            &json!({"token_use": "access", "scope": scope, "client_id": "client-1", "aud": null}),
        ))
    };
    for (token, expect) in [
        (access("pets/read"), "200"),
        (access("openid pets/write other"), "200"),
        (access("pets/rea"), UNAUTHORIZED),
        (access(""), UNAUTHORIZED),
        (key.sign(&claims(&json!({"scope": "pets/read"}))), UNAUTHORIZED),
    ] {
        assert_eq!(house.outcome("GET", "/prod/pets", &[("Authorization", &token)]).await, expect, "{token}");
    }
}

#[tokio::test]
async fn audiences_and_other_issuers() {
    let key = Key::new("one");
    let issuing = Issuing::start(vec![key.clone()]).await;
    let house = house(&issuing).await;
    let url = issuing.url.clone();
    let expression = Some("^client-[12]$".to_owned());
    let with =
        AuthorizerDefinition { identity_validation_expression: expression, ..definition(&[POOL, &url]) };
    house.publish(guarded(&with, &[]), stage()).await;
    for (changes, expect) in [
        (json!({}), "200"),
        (json!({"aud": "client-3"}), UNAUTHORIZED),
        (json!({"aud": ["x", "client-2"]}), "200"),
        (json!({"aud": null}), UNAUTHORIZED),
        (json!({"iss": url, "token_use": null}), "200"),
        (json!({"iss": format!("{url}/"), "token_use": null}), "200"),
        (json!({"iss": url, "token_use": null, "aud": "y"}), UNAUTHORIZED),
        (json!({"iss": "http://127.0.0.1:1"}), UNAUTHORIZED),
    ] {
        let token = key.sign(&claims(&changes));
        assert_eq!(
            house.outcome("GET", "/prod/pets", &[("Authorization", &token)]).await,
            expect,
            "{changes}"
        );
    }
    // An issuer that cannot be reached is a mistake of configuration.
    house.publish(guarded(&definition(&["http://127.0.0.1:1"]), &[]), stage()).await;
    let token = key.sign(&claims(&json!({"iss": "http://127.0.0.1:1"})));
    let outcome = house.outcome("GET", "/prod/pets", &[("Authorization", &token)]).await;
    assert_eq!(outcome, "500 AuthorizerConfigurationException {\"message\":null}");
}

#[tokio::test]
async fn the_policy_of_the_api_must_allow_for_itself() {
    let key = Key::new("one");
    let issuing = Issuing::start(vec![key.clone()]).await;
    let house = house(&issuing).await;
    let token = key.sign(&claims(&json!({})));
    for (effect, resource, expect) in [
        ("Allow", "execute-api:/*", 200),
        ("Allow", "execute-api:/other/*", 403),
        ("Deny", "execute-api:/*", 403),
    ] {
        let statement =
            json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource});
        let policy = Some(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string());
        house.publish(ApiDefinition { policy, ..guarded(&pool(), &[]) }, stage()).await;
        let status = house.request("GET", "/prod/pets", &[("Authorization", &token)]).await.status;
        assert_eq!(status, expect, "{effect} {resource}");
        let status = house.request("GET", "/prod/pets", &[]).await.status;
        assert_eq!(status, 401, "the token comes first");
    }
}
