//! Whether a sender may do what was decoded: IAM's answer, before any handler runs.
//!
//! Root may do everything in its account. A policy that cannot be read never allows. Known difference from AWS: policies of resources
//! (a function's own policy, for instance) are not consulted here yet, so that a caller needs a policy of its own.

use kernel::identity::{Principal, PrincipalKind};
use kernel::service::{Endpoint, Needs};
use kernel::{Call, Exception, Failure, Host};
use policy::{Kind, MessageForm, Policies, Policy, evaluate};
use wire::Value;

/// The exception that a service answers to a sender without permission.
pub(crate) struct Style {
    /// `AccessDenied` (query, S3) or `AccessDeniedException` (JSON).
    pub(crate) code: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
}

/// Lets the call pass, or says why not.
pub(crate) async fn authorize(
    host: &Host,
    call: &Call,
    endpoint: &dyn Endpoint,
    (operation, input): (&str, &Value),
    style: &Style,
) -> Result<(), Failure> {
    if call.principal.kind == PrincipalKind::Root {
        return Ok(());
    }
    let Some(needs) = endpoint.needs(operation, &call.scope, input) else { return Ok(()) };
    let granted = host.rooms().identities.policies(&call.principal).await?;
    let parse = |document: &std::sync::Arc<str>| match Policy::parse(document, Kind::Identity) {
        Ok(policy) => Some(policy),
        Err(error) => {
            tracing::warn!(principal = call.principal.arn, %error, "a stored policy cannot be read and allows nothing");
            None
        }
    };
    let identity: Vec<Policy> = granted.identity.iter().filter_map(parse).collect();
    // A boundary or session policy that cannot be read must still bound: to nothing.
    let bound = |document: &std::sync::Arc<str>| parse(document).unwrap_or_else(nothing);
    let boundary = granted.boundary.as_ref().map(bound);
    let session: Vec<Policy> = granted.session.iter().map(bound).collect();
    let (identity, session): (Vec<&Policy>, Vec<&Policy>) = (identity.iter().collect(), session.iter().collect());
    let policies = Policies {
        identity: &identity,
        boundary: boundary.as_ref(),
        session: (!session.is_empty()).then_some(session.as_slice()),
        ..Policies::default()
    };
    let Needs { action, resources } = needs;
    for resource in resources {
        let mut request = policy::Request::new(asker(&call.principal), action.as_str(), resource);
        request.context.set("aws:SourceIp", [call.source_ip.to_string()]);
        request.context.set("aws:RequestedRegion", [call.region.as_str()]);
        request.context.set("aws:UserAgent", [call.user_agent.as_str()]);
        request.context.set("aws:SecureTransport", [call.base_url.starts_with("https").to_string()]);
        request.context.set_time(host.clock.now_ms() / 1000);
        let decision = evaluate(&request, &policies);
        if !decision.is_allowed() {
            let message = decision.message(&request, MessageForm::Plain);
            return Err(Exception::new(style.code, style.status, message).into());
        }
    }
    Ok(())
}

/// A policy that allows nothing.
fn nothing() -> Policy {
    const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    Policy::parse(DOCUMENT, Kind::Identity).expect("the document is well-formed")
}

fn asker(principal: &Principal) -> policy::Principal {
    let Principal { arn, account, user_id, kind, .. } = principal.clone();
    match kind {
        PrincipalKind::Root => policy::Principal::Root { account },
        PrincipalKind::User { name } => policy::Principal::User { arn, account, name, user_id },
        PrincipalKind::Role { role_arn, .. } => policy::Principal::RoleSession { arn, role_arn, account, user_id },
        PrincipalKind::Service => policy::Principal::Service { host: arn },
        PrincipalKind::Anonymous => policy::Principal::Anonymous,
    }
}
