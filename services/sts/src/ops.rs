//! The table of operations: one row each, alphabetical.
//!
//! `AssumeRole` needs no permission at the edge, because the role's trust policy takes part in the decision: IAM makes it.

mod assume_role;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;

use kernel::{Operation, Scope, op};
use wire::Value;

use crate::Sts;

/// The table.
pub fn table() -> Vec<Operation<Sts>> {
    vec![
        op("AssumeRole", assume_role::assume_role).for_everyone(),
        op("GetAccessKeyInfo", get_access_key_info::get_access_key_info),
        op("GetCallerIdentity", get_caller_identity::get_caller_identity).for_everyone(),
        op("GetFederationToken", get_federation_token::get_federation_token).on(federated_user),
        op("GetSessionToken", get_session_token::get_session_token).for_everyone(),
    ]
}

fn federated_user(scope: &Scope, input: &Value) -> Vec<String> {
    let name = input.get("Name").and_then(Value::as_str).unwrap_or("*");
    vec![format!("arn:aws:sts::{}:federated-user/{name}", scope.account)]
}
