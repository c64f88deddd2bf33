//! AWS's tables of outcomes, and APIs with policies of their own.

use policy::AddressRange;
use serde_json::{Value, json};

use super::*;
use crate::Settings;
use crate::authorize::tests::house::{ACCOUNT, API, House, answer, api, protected, stage, uri};
use plan::definition::{ApiDefinition, AuthorizerDefinition, PublishedStage};

#[test]
fn table_a() {
    use Outcome::{Allow, ExplicitDeny, ImplicitDeny};
    for (own, policy, expect) in [
        (Allow, Allow, Allow),
        (Allow, ImplicitDeny, Allow),
        (Allow, ExplicitDeny, ExplicitDeny),
        (ImplicitDeny, Allow, Allow),
        (ImplicitDeny, ImplicitDeny, ImplicitDeny),
        (ImplicitDeny, ExplicitDeny, ExplicitDeny),
        (ExplicitDeny, Allow, ExplicitDeny),
        (ExplicitDeny, ImplicitDeny, ExplicitDeny),
        (ExplicitDeny, ExplicitDeny, ExplicitDeny),
    ] {
        assert_eq!(together(own, Some(policy)), expect, "{own:?} {policy:?}");
    }
    assert_eq!(together(Allow, None), Allow);
    assert_eq!(together(ImplicitDeny, None), ImplicitDeny);
}

#[test]
fn endpoints_in_hosts() {
    for (host, expect) in [
        ("api1-vpce-0ab.execute-api.us-east-1.amazonaws.com", Some("vpce-0ab")),
        ("api1-vpce-0ab.execute-api.localhost:4566", Some("vpce-0ab")),
        ("api1.execute-api.localhost", None),
        ("api1-vpce-0ab.example.com", None),
        ("localhost", None),
    ] {
        assert_eq!(endpoint_in_host(host), expect, "{host}");
    }
}

#[test]
fn accounts_are_masked() {
    let text = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:111122223333:a/prod/GET/111122223333 because";
    assert_eq!(
        masked_account(text, ACCOUNT),
        "User: arn:aws:iam::111122223333:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:a/prod/GET/111122223333 because"
    );
    assert_eq!(masked_account("none", ACCOUNT), "none");
}

fn with_policy(base: ApiDefinition, statements: &Value) -> ApiDefinition {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    ApiDefinition { policy: Some(document.to_string()), ..base }
}

fn statement(effect: &str, resource: &str, condition: Value) -> Value {
    let mut statement =
        json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

fn refused(reason: &str, tail: &str) -> String {
    let message = format!(
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:{API}/prod/{tail} {reason}"
    );
    format!("403 AccessDeniedException {}", json!({ "Message": message }))
}

const EXPLICIT: &str = "with an explicit deny in a resource-based policy";
const IMPLICIT: &str = "because no resource-based policy allows the execute-api:Invoke action";

#[tokio::test]
async fn without_authorization_the_policy_must_allow() {
    let house = House::new(Settings::default());
    let open = || api(&protected("NONE", None), &[]);
    let own = || json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let other = || json!({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}});
    for (statements, expect) in [
        (json!([statement("Allow", "execute-api:/*", Value::Null)]), "200".to_owned()),
        (json!([statement("Allow", "execute-api:/prod/GET/pets", Value::Null)]), "200".to_owned()),
        (json!([statement("Allow", "execute-api:/*/*/pets", own())]), "200".to_owned()),
        (json!([statement("Allow", "execute-api:/*", other())]), refused(IMPLICIT, "GET/pets")),
        (json!([statement("Allow", "execute-api:/prod/POST/*", Value::Null)]), refused(IMPLICIT, "GET/pets")),
        (json!([statement("Allow", "execute-api:/dev/*", Value::Null)]), refused(IMPLICIT, "GET/pets")),
        (
            json!([
                statement("Allow", "execute-api:/*", Value::Null),
                statement("Deny", "execute-api:/*", own())
            ]),
            refused(EXPLICIT, "GET/pets"),
        ),
        (
            json!([
                statement("Allow", "execute-api:/*", Value::Null),
                statement("Deny", "execute-api:/*", other())
            ]),
            "200".to_owned(),
        ),
    ] {
        house.publish(with_policy(open(), &statements), stage()).await;
        assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, expect, "{statements}");
    }
    // A client that writes another address into a header is still where it is.
    let statements = json!([statement("Allow", "execute-api:/*", other())]);
    house.publish(with_policy(open(), &statements), stage()).await;
    let forged =
        [("X-Forwarded-For", "192.0.2.1"), ("X-Real-Ip", "192.0.2.1"), ("Forwarded", "for=192.0.2.1")];
    assert_eq!(house.outcome("GET", "/prod/pets", &forged).await, refused(IMPLICIT, "GET/pets"));
    // A principal is nobody without authorization.
    let mut named = statement("Allow", "execute-api:/*", Value::Null);
    named["Principal"] = json!({"AWS": ACCOUNT});
    house.publish(with_policy(open(), &json!([named])), stage()).await;
    assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, refused(IMPLICIT, "GET/pets"));
    // One that cannot be read lets nobody in.
    house.publish(ApiDefinition { policy: Some("{\"Statement\": 1}".to_owned()), ..open() }, stage()).await;
    assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, refused(IMPLICIT, "GET/pets"));
}

#[tokio::test]
async fn with_a_lambda_authorizer() {
    let house = House::new(Settings::default());
    let authorizer = AuthorizerDefinition {
        id: "auth01".to_owned(),
        kind: "TOKEN".to_owned(),
        uri: Some(uri("check")),
        identity_source: Some("method.request.header.Authorization".to_owned()),
        ttl_seconds: Some(0),
        ..AuthorizerDefinition::default()
    };
    let base = || api(&protected("CUSTOM", Some("auth01")), std::slice::from_ref(&authorizer));
    house.functions.set("check", |event| {
        let effect = event["authorizationToken"].as_str().unwrap();
        let (effect, resource) = if effect == "Nothing" { ("Allow", "arn:x") } else { (effect, "*") };
        let statement = json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource});
        Ok(answer(&json!({"principalId": "u", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}})))
    });
    let allow = || json!([statement("Allow", "execute-api:/*", Value::Null)]);
    let silent = || json!([statement("Allow", "execute-api:/other/*", Value::Null)]);
    let deny = || json!([statement("Deny", "execute-api:/*", Value::Null)]);
    let own = |reason: &str| {
        let message = format!("User is not authorized to access this resource {reason}");
        format!("403 AccessDeniedException {}", json!({ "Message": message }))
    };
    let explicit = own("with an explicit deny in an identity-based policy");
    let implicit = own("because no identity-based policy allows the execute-api:Invoke action");
    for (token, statements, expect) in [
        ("Allow", allow(), "200"),
        ("Allow", silent(), "200"),
        ("Allow", deny(), &refused(EXPLICIT, "GET/pets")),
        ("Nothing", allow(), "200"),
        ("Nothing", silent(), &implicit),
        ("Nothing", deny(), &refused(EXPLICIT, "GET/pets")),
        ("Deny", allow(), &explicit),
        ("Deny", silent(), &explicit),
        ("Deny", deny(), &refused(EXPLICIT, "GET/pets")),
    ] {
        house.publish(with_policy(base(), &statements), stage()).await;
        let before = house.functions.count("check");
        let outcome = house.outcome("GET", "/prod/pets", &[("Authorization", token)]).await;
        assert_eq!(outcome, expect, "{token} {statements}");
        // Whom the API's policy denies, nobody is asked about.
        let calls = house.functions.count("check") - before;
        assert_eq!(calls, usize::from(statements != deny()), "{token} {statements}");
    }
}

#[tokio::test]
async fn private_apis() {
    let endpoint = |id: &str, vpc: &str, range: &str| VpcEndpoint {
        id: id.to_owned(),
        vpc_id: vpc.to_owned(),
        clients: vec![AddressRange::parse(range).unwrap()],
    };
    let settings = Settings {
        vpc_endpoints: vec![
            endpoint("vpce-1", "vpc-1", "10.1.0.0/16"),
            endpoint("vpce-2", "vpc-2", "10.2.0.0/16"),
        ],
        ..Settings::default()
    };
    let house = House::new(settings);
    let private = || PublishedStage { endpoint_type: "PRIVATE".to_owned(), ..stage() };
    let open = || api(&protected("NONE", None), &[]);
    let at = |key: &str, value: &str| {
        with_policy(
            open(),
            &json!([statement("Allow", "execute-api:/*", json!({"StringEquals": {key: value}}))]),
        )
    };
    let forbidden = "403 ForbiddenException {\"message\":\"Forbidden\"}";
    let denied = refused(IMPLICIT, "GET/pets");
    let named = |id: &str| format!("{API}-{id}.execute-api.us-east-1.amazonaws.com");
    for (api, peer, host, expect) in [
        (at("aws:SourceVpce", "vpce-1"), "203.0.113.7", None, forbidden),
        (at("aws:SourceVpce", "vpce-1"), "10.1.0.1", None, "200"),
        (at("aws:SourceVpce", "vpce-1"), "10.1.0.1", Some("vpce-1"), "200"),
        (at("aws:SourceVpce", "vpce-1"), "10.2.0.1", None, &denied),
        // Only to write the endpoint's name into the host does not suffice.
        (at("aws:SourceVpce", "vpce-1"), "10.2.0.1", Some("vpce-1"), forbidden),
        (at("aws:SourceVpce", "vpce-1"), "203.0.113.7", Some("vpce-1"), forbidden),
        (at("aws:SourceVpc", "vpc-2"), "10.2.0.1", None, "200"),
        (at("aws:SourceVpc", "vpc-2"), "10.1.0.1", None, &denied),
        (at("aws:VpcSourceIp", "10.1.0.1"), "10.1.0.1", None, "200"),
        (at("aws:SourceIp", "10.1.0.1"), "10.1.0.1", None, &denied),
        // Without a policy nobody is let in.
        (open(), "10.1.0.1", None, &denied),
    ] {
        let shown = api.policy.clone();
        house.publish(api, private()).await;
        *house.peer.lock().unwrap() = peer.parse().unwrap();
        let host = host.map(named);
        let headers: Vec<(&str, &str)> = host.iter().map(|host| ("Host", host.as_str())).collect();
        assert_eq!(house.outcome("GET", "/prod/pets", &headers).await, expect, "{shown:?} {peer} {host:?}");
    }
    // An API that is not private is not reached by an endpoint's name.
    house.publish(open(), stage()).await;
    assert_eq!(house.outcome("GET", "/prod/pets", &[("Host", &named("vpce-1"))]).await, forbidden);
    assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, "200");
}
