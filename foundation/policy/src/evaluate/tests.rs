//! AWS's documented evaluation rules and examples, as tables; each names its page.

use proptest::prelude::*;

use super::Outcome::{self, Allow, ExplicitDeny, ImplicitDeny};
use super::PolicyType::{self, Identity, PermissionsBoundary, Resource, RoleTrust, Session};
use super::{Policies, ResourceRule, evaluate};
use crate::context::{Principal, Request};
use crate::document::Kind;
use crate::policy::Policy;

const OWN: &str = "111111111111";
const OTHER: &str = "222222222222";

fn user() -> Principal {
    Principal::User {
        arn: format!("arn:aws:iam::{OWN}:user/ann"),
        account: OWN.into(),
        name: "ann".into(),
        user_id: "AIDAEXAMPLEEXAMPLE".into(),
    }
}

fn session() -> Principal {
    Principal::RoleSession {
        arn: format!("arn:aws:sts::{OWN}:assumed-role/r/s"),
        role_arn: format!("arn:aws:iam::{OWN}:role/r"),
        account: OWN.into(),
        user_id: "AROAEXAMPLEEXAMPLE:s".into(),
    }
}

fn root() -> Principal {
    Principal::Root { account: OWN.into() }
}

// `allow s3:* on *`, `deny …`, one statement per line; `for X` adds a principal (X is JSON).
fn document(lines: &str) -> String {
    let statements: Vec<String> = lines
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let effect = if words[0] == "allow" { "Allow" } else { "Deny" };
            let principal = words.iter().position(|word| *word == "for").map(|at| words[at + 1]);
            let principal = principal.map(|json| format!(r#""Principal":{json},"#)).unwrap_or_default();
            let resource = words.iter().position(|word| *word == "on").map(|at| words[at + 1]);
            let resource = resource.map(|arn| format!(r#","Resource":"{arn}""#)).unwrap_or_default();
            format!(r#"{{"Effect":"{effect}",{principal}"Action":"{}"{resource}}}"#, words[1])
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn policy(lines: &str, kind: Kind) -> Policy {
    Policy::parse(&document(lines), kind).unwrap()
}

#[derive(Default)]
struct Given<'a> {
    identity: &'a str,
    boundary: Option<&'a str>,
    session: Option<&'a str>,
    resource: Option<&'a str>,
    rule: ResourceRule,
    owner: Option<&'a str>,
}

fn check(principal: Principal, given: &Given<'_>, expect: (Outcome, Option<PolicyType>)) {
    let identity = (!given.identity.is_empty()).then(|| policy(given.identity, Kind::Identity));
    let boundary = given.boundary.map(|lines| policy(lines, Kind::Identity));
    let session = given.session.map(|lines| policy(lines, Kind::Identity));
    let kind = if given.rule == ResourceRule::Trust { Kind::Trust } else { Kind::Resource };
    let resource = given.resource.map(|lines| policy(lines, kind));
    let (identity, session) = (identity.iter().collect::<Vec<_>>(), session.iter().collect::<Vec<_>>());
    let is_trust = given.rule == ResourceRule::Trust;
    let (action, target) = if is_trust {
        ("sts:AssumeRole", "arn:aws:iam::1:role/x")
    } else {
        ("s3:GetObject", "arn:aws:s3:::b/k")
    };
    let mut request = Request::new(principal, action, target);
    request.resource_account = given.owner.map(str::to_owned);
    let policies = Policies {
        identity: &identity,
        boundary: boundary.as_ref(),
        session: given.session.map(|_| session.as_slice()),
        resource: resource.as_ref(),
        resource_rule: given.rule,
    };
    let decision = evaluate(&request, &policies);
    assert_eq!(
        (decision.outcome, decision.by),
        expect,
        "{:?}\n{}\nboundary {:?}\nsession {:?}\nresource {:?}",
        request.principal,
        given.identity,
        given.boundary,
        given.session,
        given.resource
    );
}

const YES: &str = "allow s3:* on *";
const NO: &str = "deny s3:GetObject on *";
const ELSE: &str = "allow sqs:* on *";

#[test]
fn within_one_account() {
    // AWS: Policy evaluation for requests within a single account; Identity-based policies and permissions boundaries.
    let user_named = r#"allow s3:GetObject for {"AWS":"arn:aws:iam::111111111111:user/ann"} on *"#;
    let role_named = r#"allow s3:GetObject for {"AWS":"arn:aws:iam::111111111111:role/r"} on *"#;
    let session_named = r#"allow s3:GetObject for {"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"} on *"#;
    let account_named = r#"allow s3:GetObject for {"AWS":"111111111111"} on *"#;
    let anyone = r#"allow s3:GetObject for "*" on *"#;
    let deny_all = r#"deny s3:* for "*" on *"#;
    for (principal, given, expect) in [
        (user(), Given::default(), (ImplicitDeny, Some(Identity))),
        (user(), Given { identity: YES, ..Given::default() }, (Allow, Some(Identity))),
        (user(), Given { identity: ELSE, ..Given::default() }, (ImplicitDeny, Some(Identity))),
        (
            user(),
            Given { identity: &format!("{YES}\n{NO}"), ..Given::default() },
            (ExplicitDeny, Some(Identity)),
        ),
        (
            user(),
            Given { identity: YES, boundary: Some(ELSE), ..Given::default() },
            (ImplicitDeny, Some(PermissionsBoundary)),
        ),
        (
            user(),
            Given { identity: ELSE, boundary: Some(YES), ..Given::default() },
            (ImplicitDeny, Some(Identity)),
        ),
        (
            user(),
            Given { identity: YES, boundary: Some(NO), ..Given::default() },
            (ExplicitDeny, Some(PermissionsBoundary)),
        ),
        (session(), Given { identity: YES, session: Some(YES), ..Given::default() }, (Allow, Some(Identity))),
        (
            session(),
            Given { identity: YES, session: Some(ELSE), ..Given::default() },
            (ImplicitDeny, Some(Session)),
        ),
        (
            session(),
            Given { identity: YES, session: Some(NO), ..Given::default() },
            (ExplicitDeny, Some(Session)),
        ),
        // A resource-based policy is enough on its own, but for who it names.
        (user(), Given { resource: Some(user_named), ..Given::default() }, (Allow, Some(Resource))),
        (
            user(),
            Given { resource: Some(user_named), boundary: Some(ELSE), ..Given::default() },
            (Allow, Some(Resource)),
        ),
        (
            user(),
            Given { resource: Some(user_named), boundary: Some(NO), ..Given::default() },
            (ExplicitDeny, Some(PermissionsBoundary)),
        ),
        (user(), Given { resource: Some(role_named), ..Given::default() }, (ImplicitDeny, Some(Identity))),
        (user(), Given { resource: Some(anyone), ..Given::default() }, (Allow, Some(Resource))),
        (user(), Given { resource: Some(account_named), ..Given::default() }, (ImplicitDeny, Some(Identity))),
        (
            user(),
            Given { identity: YES, resource: Some(account_named), ..Given::default() },
            (Allow, Some(Identity)),
        ),
        (
            user(),
            Given { identity: YES, resource: Some(deny_all), ..Given::default() },
            (ExplicitDeny, Some(Resource)),
        ),
        (session(), Given { resource: Some(role_named), ..Given::default() }, (Allow, Some(Resource))),
        (
            session(),
            Given { resource: Some(role_named), boundary: Some(ELSE), ..Given::default() },
            (ImplicitDeny, Some(PermissionsBoundary)),
        ),
        (
            session(),
            Given { resource: Some(role_named), session: Some(ELSE), ..Given::default() },
            (ImplicitDeny, Some(Session)),
        ),
        (
            session(),
            Given {
                resource: Some(session_named),
                session: Some(ELSE),
                boundary: Some(ELSE),
                ..Given::default()
            },
            (Allow, Some(Resource)),
        ),
        (
            session(),
            Given { resource: Some(session_named), session: Some(NO), ..Given::default() },
            (ExplicitDeny, Some(Session)),
        ),
        // Root, services, nobody.
        (root(), Given::default(), (Allow, None)),
        (root(), Given { resource: Some(deny_all), ..Given::default() }, (ExplicitDeny, Some(Resource))),
        (root(), Given { rule: ResourceRule::Required, ..Given::default() }, (ImplicitDeny, Some(Resource))),
        (
            root(),
            Given { rule: ResourceRule::Required, resource: Some(account_named), ..Given::default() },
            (Allow, Some(Resource)),
        ),
        (Principal::Anonymous, Given::default(), (ImplicitDeny, Some(Resource))),
        (Principal::Anonymous, Given { resource: Some(anyone), ..Given::default() }, (Allow, Some(Resource))),
        (
            Principal::Anonymous,
            Given { resource: Some(account_named), ..Given::default() },
            (ImplicitDeny, Some(Resource)),
        ),
        (
            Principal::Service { host: "sns.amazonaws.com".into() },
            Given {
                resource: Some(r#"allow s3:* for {"Service":"sns.amazonaws.com"} on *"#),
                ..Given::default()
            },
            (Allow, Some(Resource)),
        ),
        (
            Principal::Service { host: "sqs.amazonaws.com".into() },
            Given {
                resource: Some(r#"allow s3:* for {"Service":"sns.amazonaws.com"} on *"#),
                ..Given::default()
            },
            (ImplicitDeny, Some(Resource)),
        ),
    ] {
        check(principal, &given, expect);
    }
}

#[test]
fn across_accounts() {
    // AWS: Cross-account policy evaluation logic: both sides must allow.
    let owner = Some(OTHER);
    let account = r#"allow s3:* for {"AWS":"arn:aws:iam::111111111111:root"} on *"#;
    let named = r#"allow s3:* for {"AWS":"arn:aws:iam::111111111111:user/ann"} on *"#;
    for (principal, given, expect) in [
        (user(), Given { owner, identity: YES, ..Given::default() }, (ImplicitDeny, Some(Resource))),
        (
            user(),
            Given { owner, resource: Some(account), ..Given::default() },
            (ImplicitDeny, Some(Identity)),
        ),
        (user(), Given { owner, resource: Some(named), ..Given::default() }, (ImplicitDeny, Some(Identity))),
        (
            user(),
            Given { owner, identity: YES, resource: Some(account), ..Given::default() },
            (Allow, Some(Resource)),
        ),
        (
            user(),
            Given { owner, identity: YES, resource: Some(named), boundary: Some(ELSE), ..Given::default() },
            (ImplicitDeny, Some(PermissionsBoundary)),
        ),
        (
            user(),
            Given { owner, identity: NO, resource: Some(named), ..Given::default() },
            (ExplicitDeny, Some(Identity)),
        ),
        (root(), Given { owner, ..Given::default() }, (ImplicitDeny, Some(Resource))),
        (root(), Given { owner, resource: Some(account), ..Given::default() }, (Allow, Some(Resource))),
    ] {
        check(principal, &given, expect);
    }
}

#[test]
fn trust() {
    // AWS: Role trust policies and permissions; the trust policy must allow, and names how directly.
    let rule = ResourceRule::Trust;
    let account = r#"allow sts:AssumeRole for {"AWS":"111111111111"}"#;
    let named = r#"allow sts:AssumeRole for {"AWS":"arn:aws:iam::111111111111:user/ann"}"#;
    let lambda = r#"allow sts:AssumeRole for {"Service":"lambda.amazonaws.com"}"#;
    let may = "allow sts:AssumeRole on *";
    for (principal, given, expect) in [
        (
            user(),
            Given { rule, identity: may, resource: Some(lambda), ..Given::default() },
            (ImplicitDeny, Some(RoleTrust)),
        ),
        (
            user(),
            Given { rule, identity: may, resource: Some(account), ..Given::default() },
            (Allow, Some(Identity)),
        ),
        (user(), Given { rule, resource: Some(account), ..Given::default() }, (ImplicitDeny, Some(Identity))),
        (user(), Given { rule, resource: Some(named), ..Given::default() }, (Allow, Some(RoleTrust))),
        (
            user(),
            Given { rule, resource: Some(named), owner: Some(OTHER), ..Given::default() },
            (ImplicitDeny, Some(Identity)),
        ),
        (
            Principal::Service { host: "lambda.amazonaws.com".into() },
            Given { rule, resource: Some(lambda), ..Given::default() },
            (Allow, Some(RoleTrust)),
        ),
        (
            Principal::Service { host: "ec2.amazonaws.com".into() },
            Given { rule, resource: Some(lambda), ..Given::default() },
            (ImplicitDeny, Some(RoleTrust)),
        ),
        (
            Principal::WebIdentity { provider: "accounts.google.com".into() },
            Given {
                rule,
                resource: Some(r#"allow sts:* for {"Federated":"accounts.google.com"}"#),
                ..Given::default()
            },
            (Allow, Some(RoleTrust)),
        ),
    ] {
        check(principal, &given, expect);
    }
}

fn one(document: &str, request: &Request) -> (Outcome, Option<String>) {
    let policy = Policy::parse(document, Kind::Identity).unwrap().with_arn("arn:aws:iam::1:policy/p");
    let decision = evaluate(request, &Policies { identity: &[&policy], ..Policies::default() });
    (decision.outcome, decision.sid)
}

#[test]
fn documented_examples() {
    // AWS: The difference between explicit and implicit denies.
    let reports = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"AllowGetList","Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"},
        {"Sid":"DenyReports","Effect":"Deny","Action":"iam:*Report","Resource":"*"}]}"#;
    // AWS: IAM policy elements: Variables and tags.
    let home = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::mybucket","Condition":{"StringLike":{"s3:prefix":["${aws:username}/*"]}}},
        {"Sid":"Home","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::mybucket/${aws:username}/*"}]}"#;
    // AWS: IAM JSON policy elements: NotAction; NotResource.
    let except_iam =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}"#;
    let hr = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Sid":"Hr","Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::HRBucket/Payroll","arn:aws:s3:::HRBucket/Payroll/*"]}]}"#;
    // AWS: Denies access to AWS based on the source IP.
    let source_ip = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"Ip","Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]},"BoolIfExists":{"aws:ViaAWSService":"false"}}}]}"#;
    // AWS: Allows access based on date and time.
    let dates = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{
        "DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2020-06-30T23:59:59Z"}}}}"#;
    let bucket = "arn:aws:s3:::mybucket";
    for (document, action, resource, keys, expect) in [
        (reports, "iam:GetUser", "*", vec![], (Allow, Some("AllowGetList"))),
        (reports, "iam:getuser", "*", vec![], (Allow, Some("AllowGetList"))),
        (reports, "iam:CreatePolicy", "*", vec![], (ImplicitDeny, None)),
        (reports, "iam:GetCredentialReport", "*", vec![], (ExplicitDeny, Some("DenyReports"))),
        (home, "s3:ListBucket", bucket, vec![("s3:prefix", "ann/x")], (Allow, Some("List"))),
        (home, "s3:ListBucket", bucket, vec![("s3:prefix", "bob/x")], (ImplicitDeny, None)),
        (home, "s3:ListBucket", bucket, vec![], (ImplicitDeny, None)),
        (home, "s3:PutObject", "arn:aws:s3:::mybucket/ann/a/b", vec![], (Allow, Some("Home"))),
        (home, "s3:PutObject", "arn:aws:s3:::mybucket/bob/a", vec![], (ImplicitDeny, None)),
        (home, "s3:DeleteObject", "arn:aws:s3:::mybucket/ann/a", vec![], (ImplicitDeny, None)),
        (except_iam, "iam:GetUser", "*", vec![], (ImplicitDeny, None)),
        (except_iam, "lambda:GetFunction", "*", vec![], (Allow, None)),
        (hr, "s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/x", vec![], (Allow, None)),
        (hr, "s3:GetObject", "arn:aws:s3:::HRBucket/Other", vec![], (ExplicitDeny, Some("Hr"))),
        (source_ip, "a:b", "*", vec![("aws:SourceIp", "203.0.113.9")], (Allow, None)),
        (source_ip, "a:b", "*", vec![("aws:SourceIp", "198.51.100.1")], (ExplicitDeny, Some("Ip"))),
        (
            source_ip,
            "a:b",
            "*",
            vec![("aws:SourceIp", "198.51.100.1"), ("aws:ViaAWSService", "true")],
            (Allow, None),
        ),
        (dates, "a:b", "*", vec![("aws:CurrentTime", "2020-05-01T00:00:00Z")], (Allow, None)),
        (dates, "a:b", "*", vec![("aws:CurrentTime", "2020-07-01T00:00:00Z")], (ImplicitDeny, None)),
    ] {
        let mut request = Request::new(user(), action, resource);
        for (key, value) in keys {
            request.context.set(key, [value]);
        }
        let expect = (expect.0, expect.1.map(str::to_owned));
        assert_eq!(one(document, &request), expect, "{action} {resource} {:?}", request.context);
    }
}

#[test]
fn variables_without_a_value_never_allow() {
    let not_resource = r#"{"Version":"2012-10-17","Statement":{"Effect":"EFFECT","Action":"a:*","NotResource":"arn:aws:a:::${aws:nothing}"}}"#;
    let request = Request::new(user(), "a:b", "arn:aws:a:::x");
    assert_eq!(one(&not_resource.replace("EFFECT", "Allow"), &request).0, ImplicitDeny);
    assert_eq!(one(&not_resource.replace("EFFECT", "Deny"), &request).0, ExplicitDeny);
}

#[test]
fn context_follows_the_principal() {
    let request = Request::new(session(), "a:b", "*");
    for (key, value) in [
        ("aws:PrincipalArn", "arn:aws:iam::111111111111:role/r"),
        ("aws:principalaccount", OWN),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:userid", "AROAEXAMPLEEXAMPLE:s"),
        ("aws:PrincipalIsAWSService", "false"),
    ] {
        assert_eq!(request.context.get(key), [value], "{key}");
    }
    assert!(request.context.get("aws:username").is_empty());
    let mut context = request.context;
    context.set_time(1_563_278_400);
    assert_eq!(context.get("aws:CurrentTime"), ["2019-07-16T12:00:00Z"]);
    assert_eq!(context.get("aws:EpochTime"), ["1563278400"]);
}

#[test]
fn denying_policies_are_named() {
    let policy = policy("deny s3:* on *", Kind::Identity).with_arn("arn:aws:iam::1:policy/p");
    let request = Request::new(user(), "s3:GetObject", "arn:aws:s3:::b/k");
    let decision = evaluate(&request, &Policies { identity: &[&policy], ..Policies::default() });
    assert_eq!(decision.policy_arn.as_deref(), Some("arn:aws:iam::1:policy/p"));
    assert!(!decision.is_allowed());
}

proptest! {
    #[test]
    fn a_deny_anywhere_wins(at in 0usize..4, others in proptest::collection::vec(any::<bool>(), 4)) {
        // Four places, each allowing or silent; one of them denies.
        let text = |place: usize, principal: &str| {
            let mut lines = if others[place] { format!("allow s3:* {principal}on *") } else { format!("allow sqs:* {principal}on *") };
            if place == at {
                lines += &format!("\ndeny s3:GetObject {principal}on *");
            }
            lines
        };
        let by = [Identity, PermissionsBoundary, Session, Resource][at];
        let given = Given {
            identity: &text(0, ""),
            boundary: Some(&text(1, "")),
            session: Some(&text(2, "")),
            resource: Some(&text(3, "for \"*\" ")),
            ..Given::default()
        };
        check(session(), &given, (ExplicitDeny, Some(by)));
    }
}
