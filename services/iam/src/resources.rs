//! What operations act on, and small things that several of them do.
//!
//! Known difference: an entity's path is not part of the request, so its ARN is authorized without it unless the request creates it.

use kernel::identity::PrincipalKind;
use kernel::{Ctx, Scope, Tx};
use wire::Value;

use crate::Iam;
use crate::entities::{InstanceProfile, Role, arn, name_key};
use crate::error::Error;
use crate::generated;
use crate::shapes::{self, View};

fn named(scope: &Scope, input: &Value, kind: &str, member: &str) -> Vec<String> {
    let text = |member| input.get(member).and_then(Value::as_str);
    // A list is asked for below a path: `arn:…:user/`.
    let path = text("Path").or(text("PathPrefix")).unwrap_or("/");
    vec![arn(&scope.account, kind, path, text(member).unwrap_or_default())]
}

/// `arn:…:user/…`.
pub fn users(scope: &Scope, input: &Value) -> Vec<String> {
    named(scope, input, "user", "UserName")
}

/// `arn:…:group/…`.
pub fn groups(scope: &Scope, input: &Value) -> Vec<String> {
    named(scope, input, "group", "GroupName")
}

/// `arn:…:role/…`.
pub fn roles(scope: &Scope, input: &Value) -> Vec<String> {
    named(scope, input, "role", "RoleName")
}

/// `arn:…:instance-profile/…`.
pub fn profiles(scope: &Scope, input: &Value) -> Vec<String> {
    named(scope, input, "instance-profile", "InstanceProfileName")
}

/// `arn:…:policy/…` of a policy being made.
pub fn new_policies(scope: &Scope, input: &Value) -> Vec<String> {
    named(scope, input, "policy", "PolicyName")
}

/// The policy that the request names by its ARN.
pub fn policies(_: &Scope, input: &Value) -> Vec<String> {
    vec![input.get("PolicyArn").and_then(Value::as_str).unwrap_or("*").to_owned()]
}

/// Where policies are listed, in AWS's words.
pub fn policy_path(_: &Scope, input: &Value) -> Vec<String> {
    vec![format!("policy path {}", input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/"))]
}

/// No resource in particular.
pub fn everything(_: &Scope, _: &Value) -> Vec<String> {
    vec!["*".to_owned()]
}

/// The calling user's name, for requests that name none.
pub fn own_name(cx: &Ctx<Iam>) -> Result<&str, Error> {
    match &cx.call.principal.kind {
        PrincipalKind::User { name } if !name.is_empty() => Ok(name),
        _ => {
            Err(Error::Validation("Must specify userName when calling with non-User credentials".to_owned()))
        }
    }
}

/// An access key that the user does not have.
pub fn no_key(id: &str) -> Error {
    Error::NoSuchEntity(format!("The Access Key with id {id} cannot be found."))
}

/// True if a policy's path starts with `prefix`.
pub fn has_path(policy: &str, prefix: &str) -> bool {
    policy.split_once(":policy").is_some_and(|(_, path)| path.starts_with(prefix))
}

/// An instance profile and the role that is in it.
pub async fn with_role(
    tx: &Tx,
    account: &str,
    profile: &InstanceProfile,
    view: View,
) -> Result<generated::InstanceProfile, Error> {
    let role = match &profile.role {
        Some(name) => tx.peek::<Role>(&name_key(name)).await?,
        None => None,
    };
    Ok(shapes::profile(account, profile, role.as_ref(), view))
}
