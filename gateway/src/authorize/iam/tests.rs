//! Signed requests, as botocore signs them, to an API that asks IAM.

use http::HeaderValue;
use kernel::exchange::Inbound;
use kernel::identity::{Credential, PrincipalKind, PrincipalPolicies};
use plan::definition::{ApiDefinition, PublishedStage};
use serde_json::json;
use sigv4::{Credentials, Payload, RequestView, SecretKey, Signer, presign, sign};

use super::*;
use crate::Settings;
use crate::authorize::tests::house::{ACCOUNT, API, House, NOW_S, api, protected, stage};

const OTHER: &str = "444455556666";

fn user(account: &str) -> Principal {
    Principal {
        arn: format!("arn:aws:iam::{account}:user/alice"),
        account: account.to_owned(),
        user_id: "AIDAALICE".to_owned(),
        access_key: "AKIAALICE".to_owned(),
        kind: PrincipalKind::User { name: "alice".to_owned() },
    }
}

/// A house with a key of a user (`AKIAALICE`) who may do what the document says.
async fn house(principal: Principal, document: &str, settings: Settings) -> House {
    let house = House::new(settings);
    let policies = PrincipalPolicies { identity: vec![document.into()], ..PrincipalPolicies::default() };
    house.identities.policies.lock().unwrap().insert(principal.arn.clone(), policies);
    let credential = Credential {
        secret: "secret".into(),
        session_token: None,
        expires_ms: None,
        is_active: true,
        principal,
    };
    house.identities.credentials.lock().unwrap().insert("AKIAALICE".to_owned(), credential);
    house.publish(api(&protected("AWS_IAM", None), &[]), stage()).await;
    house
}

fn allowing(resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}})
        .to_string()
}

/// How a request is signed.
struct By<'a> {
    key: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    region: &'a str,
    service: &'a str,
    now_s: i64,
}

const ALICE: By<'_> = By {
    key: "AKIAALICE",
    secret: "secret",
    token: None,
    region: "us-east-1",
    service: "execute-api",
    now_s: NOW_S,
};

impl By<'_> {
    fn credentials(&self) -> Credentials {
        Credentials {
            access_key: self.key.to_owned(),
            secret: SecretKey::new(self.secret),
            session_token: self.token.map(str::to_owned),
        }
    }

    fn signed(&self, mut inbound: Inbound) -> Inbound {
        let (credentials, rules) = (self.credentials(), Rules::for_service(self.service));
        let signer = Signer {
            credentials: &credentials,
            region: self.region,
            service: self.service,
            now_s: self.now_s,
            rules: &rules,
        };
        let payload = Payload::Sha256(sigv4::sha256(&inbound.body));
        let added = sign(&seen(&inbound), payload, &signer).unwrap();
        inbound.headers.extend(added.into_iter().map(|(name, value)| (Some(name), value)));
        inbound
    }

    fn presigned(&self, mut inbound: Inbound, expires_s: u32) -> Inbound {
        let (credentials, rules) = (self.credentials(), Rules::for_service(self.service));
        let signer = Signer {
            credentials: &credentials,
            region: self.region,
            service: self.service,
            now_s: self.now_s,
            rules: &rules,
        };
        let payload = Payload::Sha256(sigv4::sha256(b""));
        inbound.query = Some(presign(&seen(&inbound), payload, expires_s, &signer));
        inbound
    }
}

fn seen(inbound: &Inbound) -> RequestView<'_> {
    RequestView {
        method: inbound.method.as_str(),
        path: &inbound.path,
        query: inbound.query.as_deref().unwrap_or_default(),
        headers: &inbound.headers,
        authority: Some(&inbound.host),
    }
}

async fn check(house: &House, inbound: Inbound, expect: &str) {
    let shown = format!("{} {} {:?}", inbound.method, inbound.path, inbound.headers);
    let outcome = house.send(inbound).await.short();
    assert!(outcome.starts_with(expect), "{shown}\n{outcome}\n{expect}");
}

#[tokio::test]
async fn signatures() {
    let house = house(user(ACCOUNT), &allowing("*"), Settings::default()).await;
    let get = || house.inbound("GET", "/prod/pets?b=2&a=1", &[]);
    check(
        &house,
        get(),
        "403 MissingAuthenticationTokenException {\"message\":\"Missing Authentication Token\"}",
    )
    .await;
    check(&house, ALICE.signed(get()), "200").await;
    check(&house, ALICE.signed(house.inbound("GET", "/prod/pets/a%20b", &[])), "200").await;
    check(&house, ALICE.presigned(get(), 60), "200").await;
    let mut posted = house.inbound("POST", "/prod/pets", &[("Content-Type", "text/plain")]);
    posted.body = "hello".into();
    let posted = ALICE.signed(posted);
    check(&house, posted.clone(), "200").await;
    let mismatch = "403 InvalidSignatureException {\"message\":\"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    check(&house, Inbound { body: "other".into(), ..posted }, mismatch).await;
    check(&house, Inbound { query: Some("a=1".to_owned()), ..ALICE.signed(get()) }, mismatch).await;
    check(&house, Inbound { path: "/prod/pets/1".to_owned(), ..ALICE.signed(get()) }, mismatch).await;
    check(&house, By { secret: "wrong", ..ALICE }.signed(get()), mismatch).await;
    check(
        &house,
        By { service: "lambda", ..ALICE }.signed(get()),
        "403 InvalidSignatureException {\"message\":\"Credential should be scoped to correct service: 'execute-api'. \"}",
    )
    .await;
    check(
        &house,
        By { region: "eu-west-1", ..ALICE }.signed(get()),
        "403 InvalidSignatureException {\"message\":\"Credential should be scoped to a valid region. \"}",
    )
    .await;
    check(
        &house,
        By { now_s: NOW_S - 301, ..ALICE }.signed(get()),
        "403 InvalidSignatureException {\"message\":\"Signature expired: 20231231T235459Z is now earlier than 20231231T235500Z (20240101T000000Z - 5 min.)\"}",
    )
    .await;
    check(
        &house,
        By { now_s: NOW_S + 301, ..ALICE }.signed(get()),
        "403 InvalidSignatureException {\"message\":\"Signature not yet current: ",
    )
    .await;
    check(
        &house,
        By { now_s: NOW_S - 61, ..ALICE }.presigned(get(), 60),
        "403 InvalidSignatureException {\"message\":\"Signature expired: ",
    )
    .await;
    let mut bearer = get();
    bearer.headers.insert("authorization", HeaderValue::from_static("Bearer abc"));
    check(&house, bearer, "403 IncompleteSignatureException {\"message\":\"Invalid key=value pair").await;
}

#[tokio::test]
async fn keys() {
    let unknown = "403 UnrecognizedClientException {\"message\":\"The security token included in the request is invalid.\"}";
    let settings = Settings { unknown_keys: access::UnknownKeys::Refused, ..Settings::default() };
    let strict = house(user(ACCOUNT), &allowing("*"), settings).await;
    let stranger = By { key: "test", secret: "test", ..ALICE };
    check(&strict, stranger.signed(strict.inbound("GET", "/prod/pets", &[])), unknown).await;
    let house = house(user(ACCOUNT), &allowing("*"), Settings::default()).await;
    let get = || house.inbound("GET", "/prod/pets", &[]);
    // A key that was never issued is the account's root; one that names another account is that account's.
    check(&house, stranger.signed(get()), "200").await;
    check(
        &house,
        By { key: OTHER, ..ALICE }.signed(get()),
        &format!(
            "403 AccessDeniedException {{\"Message\":\"User: arn:aws:iam::{OTHER}:root is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:{API}/prod/GET/pets"
        ),
    )
    .await;
    check(&house, By { token: Some("token"), ..ALICE }.signed(get()), unknown).await;
    let change = |change: &dyn Fn(&mut Credential)| {
        change(house.identities.credentials.lock().unwrap().get_mut("AKIAALICE").unwrap());
    };
    change(&|credential| credential.session_token = Some("token".into()));
    check(&house, ALICE.signed(get()), unknown).await;
    check(&house, By { token: Some("other"), ..ALICE }.signed(get()), unknown).await;
    check(&house, By { token: Some("token"), ..ALICE }.signed(get()), "200").await;
    check(&house, By { token: Some("token"), ..ALICE }.presigned(get(), 60), "200").await;
    change(&|credential| credential.expires_ms = Some(NOW_S * 1000));
    check(
        &house,
        By { token: Some("token"), ..ALICE }.signed(get()),
        "403 ExpiredTokenException {\"message\":\"The security token included in the request is expired\"}",
    )
    .await;
    change(&|credential| credential.is_active = false);
    check(&house, ALICE.signed(get()), unknown).await;
}

#[tokio::test]
async fn policies_of_callers() {
    let arn = |tail: &str| format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:{API}/{tail}");
    let house = house(user(ACCOUNT), &allowing(&arn("prod/GET/pets/*")), Settings::default()).await;
    check(&house, ALICE.signed(house.inbound("GET", "/prod/pets/1", &[])), "200").await;
    for (method, path) in [("POST", "/pets/1"), ("GET", "/pets")] {
        let expect = format!(
            "403 AccessDeniedException {{\"Message\":\"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:{API}/prod/{method}{path} because no identity-based policy allows the execute-api:Invoke action\"}}"
        );
        check(&house, ALICE.signed(house.inbound(method, &format!("/prod{path}"), &[])), &expect).await;
    }
    let event = house.send(ALICE.signed(house.inbound("GET", "/prod/pets/1", &[]))).await.json;
    let identity = &event["requestContext"]["identity"];
    for (name, expect) in [
        ("accountId", ACCOUNT),
        ("accessKey", "AKIAALICE"),
        ("caller", "AIDAALICE"),
        ("user", "AIDAALICE"),
        ("userArn", &format!("arn:aws:iam::{ACCOUNT}:user/alice")),
    ] {
        assert_eq!(identity[name], expect, "{name}");
    }
}

/// Both of AWS's tables: what the user's policy and the API's come to, in one account and across two.
#[tokio::test]
async fn with_the_policy_of_the_api() {
    let document = |effect: &str| {
        match effect {
        "" => allowing("arn:aws:s3:::nothing"),
        effect => json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "execute-api:*", "Resource": "*"}})
            .to_string(),
    }
    };
    let of_api = |effect: &str| {
        let (effect, resource) =
            if effect.is_empty() { ("Allow", "execute-api:/other/*") } else { (effect, "execute-api:/*") };
        let statement =
            json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    for (own, policy, within, across) in [
        ("Allow", "Allow", true, true),
        ("Allow", "", true, false),
        ("Allow", "Deny", false, false),
        ("", "Allow", true, false),
        ("", "", false, false),
        ("", "Deny", false, false),
        ("Deny", "Allow", false, false),
        ("Deny", "", false, false),
        ("Deny", "Deny", false, false),
    ] {
        for (account, is_allowed) in [(ACCOUNT, within), (OTHER, across)] {
            let house = house(user(account), &document(own), Settings::default()).await;
            let base = api(&protected("AWS_IAM", None), &[]);
            house.publish(ApiDefinition { policy: Some(of_api(policy)), ..base }, stage()).await;
            let answered = house.send(ALICE.signed(house.inbound("GET", "/prod/pets", &[]))).await;
            assert_eq!(answered.status == 200, is_allowed, "{account} {own:?} {policy:?} {answered:?}");
            if !is_allowed {
                let message = answered.json["Message"].as_str().unwrap();
                let is_explicit = own == "Deny" || policy == "Deny";
                assert_eq!(message.contains("with an explicit deny"), is_explicit, "{message}");
            }
        }
    }
    // Root is let in without any policy, and kept out by a denial.
    let house = house(user(ACCOUNT), &document(""), Settings::default()).await;
    let root = By { key: ACCOUNT, ..ALICE };
    check(&house, root.signed(house.inbound("GET", "/prod/pets", &[])), "200").await;
    let base = api(&protected("AWS_IAM", None), &[]);
    house.publish(ApiDefinition { policy: Some(of_api("Deny")), ..base }, PublishedStage { ..stage() }).await;
    check(&house, root.signed(house.inbound("GET", "/prod/pets", &[])), "403").await;
}
