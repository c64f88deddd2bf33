//! Who `as NAME` is: credentials that the case made, or that are made for it now.

use serde_json::{Value as Json, json};

use super::{Driver, Outcome, Request};
use crate::case::{Action, By, Call, Case, Node};

/// Credentials to sign with.
#[derive(Clone, Debug, PartialEq)]
pub struct Credentials {
    /// Access key id.
    pub access_key: String,
    /// Secret.
    pub secret: String,
    /// Session token.
    pub token: Option<String>,
}

/// Finds the credentials of a principal.
pub(super) async fn find<D: Driver>(
    by: &By,
    case: &Case,
    results: &[Json],
    driver: &mut D,
) -> Result<Credentials, String> {
    match by {
        By::Step(step) => step
            .checked_sub(1)
            .and_then(|at| results.get(at))
            .and_then(credentials)
            .ok_or(format!("${step} answered no credentials")),
        By::Name(account) if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Credentials { access_key: account.clone(), secret: "test".to_owned(), token: None })
        }
        By::Name(name) => match results.iter().rev().find(|result| is_of(result, name)).and_then(credentials)
        {
            Some(found) => Ok(found),
            None => make(name, case, results.len(), driver).await,
        },
    }
}

/// The credentials in an answer of CreateAccessKey, AssumeRole, GetSessionToken, …
fn credentials(answer: &Json) -> Option<Credentials> {
    let found = answer.get("AccessKey").or_else(|| answer.get("Credentials"))?;
    let text = |name: &str| found.get(name).and_then(Json::as_str).map(str::to_owned);
    Some(Credentials {
        access_key: text("AccessKeyId")?,
        secret: text("SecretAccessKey")?,
        token: text("SessionToken"),
    })
}

/// True for credentials of the user, of a session of the role, or of the session with that name.
fn is_of(answer: &Json, name: &str) -> bool {
    let user = answer.pointer("/AccessKey/UserName").and_then(Json::as_str);
    let arns = ["/AssumedRoleUser/Arn", "/FederatedUser/Arn"]
        .into_iter()
        .filter_map(|path| answer.pointer(path)?.as_str());
    user == Some(name) || arns.flat_map(|arn| arn.split('/').skip(1)).any(|part| part == name)
}

/// Makes credentials for a user or role that one of the first `done` steps made.
async fn make<D: Driver>(
    name: &str,
    case: &Case,
    done: usize,
    driver: &mut D,
) -> Result<Credentials, String> {
    let steps = case.lines.iter().filter_map(|line| match &line.action {
        Action::Call(call) => Some(Some(call)),
        Action::Http(_) => Some(None),
        _ => None,
    });
    let named = |call: &&Call, operation: &str, member: &str| {
        call.operation == operation && call.params.get(member).and_then(Node::as_text) == Some(name)
    };
    let made: Vec<&Call> = steps.take(done).flatten().collect();
    let (service, operation, params) = if made.iter().any(|call| named(call, "CreateUser", "UserName")) {
        ("iam", "CreateAccessKey", json!({ "UserName": name }))
    } else if made.iter().any(|call| named(call, "CreateRole", "RoleName")) {
        let arn = format!("arn:aws:iam::000000000000:role/{name}");
        ("sts", "AssumeRole", json!({ "RoleArn": arn, "RoleSessionName": "case" }))
    } else {
        return Err(format!("no step before this one made a user, role or session named {name}"));
    };
    let request = Request { by: None, service: service.to_owned(), operation: operation.to_owned(), params };
    match driver.call(request).await {
        Outcome::Answered(answer) => {
            credentials(&answer).ok_or_else(|| format!("{operation} answered no credentials"))
        }
        other => Err(format!("{service} {operation} for `as {name}`: {other:?}")),
    }
}
