//! Whose permissions an integration acts with.
//!
//! AWS: API Gateway permissions for calling integrations: a role that API Gateway assumes, or with `arn:aws:iam::*:user/*` the
//! credentials of the request's own caller.

use kernel::Failure;
use kernel::identity::{AssumeRole, Principal, PrincipalKind};

use crate::Gateway;
use crate::exchange::Exchange;
use crate::request_mapping::failed;
use crate::response::GatewayResponse;

/// How API Gateway names itself to other services.
pub(crate) const SERVICE: &str = "apigateway.amazonaws.com";
/// The caller's own credentials.
const CALLER: &str = "arn:aws:iam::*:user/*";
/// How long the session of an integration's role is good for, in seconds.
const ROLE_SESSION_S: i64 = 900;

/// The principal of an integration with these credentials.
pub(crate) async fn principal(
    gateway: &Gateway,
    exchange: &mut Exchange,
    credentials: &str,
) -> Result<Principal, GatewayResponse> {
    let found = match credentials {
        CALLER => caller(gateway, exchange).await,
        role => assume(gateway, role).await,
    };
    let text = match found {
        Ok(Some(principal)) => return Ok(principal),
        Ok(None) if credentials == CALLER => {
            "The request is not signed, and has no credentials to pass on".to_owned()
        }
        Ok(None) => format!("API Gateway does not have permission to assume the provided role {credentials}"),
        Err(failure) => {
            tracing::info!(api = exchange.plan.stage.api_id, %failure, "an integration's role cannot be assumed");
            format!("API Gateway does not have permission to assume the provided role {credentials}")
        }
    };
    Err(failed(exchange, text))
}

/// Whoever signed the request.
async fn caller(gateway: &Gateway, exchange: &Exchange) -> Result<Option<Principal>, Failure> {
    let Some(key) = exchange.identity.access_key.as_deref() else { return Ok(None) };
    let credential = gateway.host.rooms().identities.find(key).await?;
    let account = exchange.identity.account_id.as_deref();
    // A key that Loggia never issued, and that IAM authorization let in all the same, is an account's root.
    let root = || Principal::root(account.unwrap_or(&gateway.host.default_account), key);
    Ok(Some(credential.map_or_else(root, |credential| credential.principal)))
}

/// A session of a role that API Gateway may assume; `None` if there is no such role.
pub(crate) async fn assume(gateway: &Gateway, role_arn: &str) -> Result<Option<Principal>, Failure> {
    let session = "BackplaneAssumeRoleSession".to_owned();
    let request = AssumeRole {
        role_arn: role_arn.to_owned(),
        session: session.clone(),
        by: Principal::service(SERVICE),
        duration_s: ROLE_SESSION_S,
        session_policies: Vec::new(),
        external_id: None,
    };
    let Some(credentials) = gateway.host.rooms().identities.assume_role(request).await? else {
        return Ok(None);
    };
    let account = credentials.arn.split(':').nth(4).unwrap_or_default().to_owned();
    Ok(Some(Principal {
        arn: credentials.arn,
        account,
        user_id: credentials.user_id,
        access_key: credentials.access_key,
        kind: PrincipalKind::Role { role_arn: role_arn.to_owned(), session, session_policies: Vec::new() },
    }))
}
