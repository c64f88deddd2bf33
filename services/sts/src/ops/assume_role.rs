//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
//!
//! A role that is not there and a role that does not trust the caller are refused alike.

use kernel::identity::AssumeRole;
use kernel::{Arn, Ctx};

use crate::Sts;
use crate::error::Error;
use crate::generated::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser};
use crate::sessions::{SessionPolicies, check_no_mfa, check_tags, credentials, session_policies};

/// How long a session lasts, if the request does not say, in seconds.
const DURATION_S: i64 = 3_600;

pub(crate) async fn assume_role(cx: &Ctx<Sts>, req: AssumeRoleRequest) -> Result<AssumeRoleResponse, Error> {
    let parsed = Arn::parse(&req.role_arn);
    let is_arn = |arn: &Arn| !arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty();
    if !parsed.as_ref().is_some_and(is_arn) {
        return Err(Error::Validation(format!("{} is invalid", req.role_arn)));
    }
    check_tags(
        req.tags.as_deref().unwrap_or_default(),
        req.transitive_tag_keys.as_deref().unwrap_or_default(),
    )?;
    check_no_mfa(req.token_code.as_ref())?;
    let SessionPolicies { policies, packed_percent } = session_policies(req.policy, req.policy_arns)?;
    let principal = &cx.call.principal;
    let asked = AssumeRole {
        role_arn: req.role_arn.clone(),
        session: req.role_session_name,
        by: principal.clone(),
        duration_s: req.duration_seconds.unwrap_or(DURATION_S),
        session_policies: policies,
        external_id: req.external_id,
    };
    let Some(session) = cx.host.rooms().identities.assume_role(asked).await? else {
        let (user, role) = (&principal.arn, &req.role_arn);
        let text = format!("User: {user} is not authorized to perform: sts:AssumeRole on resource: {role}");
        return Err(Error::AccessDenied(text));
    };
    let assumed = AssumedRoleUser { assumed_role_id: session.user_id.clone(), arn: session.arn.clone() };
    Ok(AssumeRoleResponse {
        credentials: Some(credentials(&session)),
        assumed_role_user: Some(assumed),
        packed_policy_size: packed_percent,
        source_identity: req.source_identity,
        ..AssumeRoleResponse::default()
    })
}
