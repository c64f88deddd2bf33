//! Credentials and sessions as the other rooms get them, over a store in memory.

use std::sync::Arc;

use kernel::identity::{AssumeRole, Identities, Principal, PrincipalKind};
use kernel::{Call, Endpoint, Failure, Host, Scope, Service, Task};
use wire::Value;

use crate::Iam;
use crate::testing::{NOW_MS, Still, host};

const ACCOUNT: &str = "000000000000";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

struct House {
    host: Arc<Host>,
    clock: Arc<Still>,
    iam: Service<Iam>,
    identities: Arc<dyn Identities>,
    tasks: Vec<Arc<dyn Task>>,
}

impl House {
    fn new() -> House {
        let (host, clock) = host();
        let (iam, identities, tasks) = crate::service(&host);
        House { host, clock, iam, identities, tasks }
    }

    /// Runs an operation as root with text parameters.
    async fn run(&self, operation: &str, params: &[(&str, &str)]) -> Result<Value, Failure> {
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::String((*value).to_owned()));
        let input = Value::Map(params.iter().map(text).collect());
        let call = Call {
            scope: Scope::new(ACCOUNT, "aws-global"),
            region: "us-east-1".to_owned(),
            principal: Principal::root(ACCOUNT, "test"),
            request_id: String::new(),
            source_ip: std::net::IpAddr::from([127, 0, 0, 1]),
            base_url: String::new(),
            user_agent: String::new(),
        };
        self.iam.run(&self.host, call, operation, input).await.expect("the operation is implemented")
    }

    fn assume(&self, by: Principal, duration_s: i64) -> AssumeRole {
        AssumeRole {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r"),
            session: "s".to_owned(),
            by,
            duration_s,
            session_policies: Vec::new(),
            external_id: None,
        }
    }
}

fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).expect("the answer has this member").to_owned()
}

#[tokio::test]
async fn a_key_is_found_and_every_change_of_it_is_seen() {
    let house = House::new();
    assert!(house.identities.find("AKIANOBODY").await.unwrap().is_none());
    house.run("CreateUser", &[("UserName", "u")]).await.unwrap();
    let made = house.run("CreateAccessKey", &[("UserName", "u")]).await.unwrap();
    let id = text(&made, &["AccessKey", "AccessKeyId"]);
    let found = house.identities.find(&id).await.unwrap().unwrap();
    assert_eq!(*found.secret, *text(&made, &["AccessKey", "SecretAccessKey"]));
    assert!(found.is_active && found.session_token.is_none());
    assert_eq!(found.principal.kind, PrincipalKind::User { name: "u".to_owned() });

    house
        .run("UpdateAccessKey", &[("UserName", "u"), ("AccessKeyId", &id), ("Status", "Inactive")])
        .await
        .unwrap();
    assert!(!house.identities.find(&id).await.unwrap().unwrap().is_active);
    house.run("UpdateUser", &[("UserName", "u"), ("NewUserName", "v")]).await.unwrap();
    let renamed = house.identities.find(&id).await.unwrap().unwrap().principal;
    assert_eq!(renamed.arn, format!("arn:aws:iam::{ACCOUNT}:user/v"));
    assert!(house.identities.policies(&renamed).await.unwrap().identity.is_empty());
    let arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess";
    house.run("AttachUserPolicy", &[("UserName", "v"), ("PolicyArn", arn)]).await.unwrap();
    assert_eq!(house.identities.policies(&renamed).await.unwrap().identity.len(), 1);
    house.run("DetachUserPolicy", &[("UserName", "v"), ("PolicyArn", arn)]).await.unwrap();
    assert!(house.identities.policies(&renamed).await.unwrap().identity.is_empty());
    house.run("DeleteAccessKey", &[("UserName", "v"), ("AccessKeyId", &id)]).await.unwrap();
    assert!(house.identities.find(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_service_assumes_a_role_that_trusts_it_for_as_long_as_it_likes() {
    let house = House::new();
    let lambda = Principal::service("lambda.amazonaws.com");
    assert!(house.identities.assume_role(house.assume(lambda.clone(), 43_200)).await.unwrap().is_none());
    house.run("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.unwrap();
    let session = house.identities.assume_role(house.assume(lambda, 43_200)).await.unwrap().unwrap();
    assert_eq!(session.expires_ms, NOW_MS + 43_200_000);
    let found = house.identities.find(&session.access_key).await.unwrap().unwrap();
    assert_eq!((&*found.secret, found.session_token.as_deref()), (&*session.secret, Some(&*session.token)));
    let other = Principal::service("apigateway.amazonaws.com");
    let refused = house.identities.assume_role(house.assume(other, 900)).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
}

#[tokio::test]
async fn ended_sessions_are_forgotten_a_day_later() {
    let house = House::new();
    house.run("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.unwrap();
    let lambda = Principal::service("lambda.amazonaws.com");
    let session = house.identities.assume_role(house.assume(lambda, 900)).await.unwrap().unwrap();
    for (advance_ms, is_there) in [(0, true), (900_000 + 86_400_000, true), (1, false)] {
        house.clock.advance(advance_ms);
        house.tasks[0].run(&house.host).await.unwrap();
        // Another process would ask the store, not this one's cache.
        let (_, fresh, _) = crate::service(&house.host);
        assert_eq!(fresh.find(&session.access_key).await.unwrap().is_some(), is_there, "after {advance_ms}");
    }
}

#[tokio::test]
async fn root_credentials_are_made_once() {
    let house = House::new();
    let (id, secret) = crate::ensure_root(&house.host).await.unwrap().unwrap();
    assert!(crate::ensure_root(&house.host).await.unwrap().is_none());
    let found = house.identities.find(&id).await.unwrap().unwrap();
    assert_eq!((&*found.secret, found.principal.kind), (&*secret, PrincipalKind::Root));
}
