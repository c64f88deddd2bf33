//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
//!
//! The session may do what both the calling user's and the session's policies allow; without a session policy, nothing.

use kernel::Ctx;
use kernel::identity::Principal;

use crate::Sts;
use crate::error::Error;
use crate::generated::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use crate::sessions::{SessionPolicies, check_long_term, check_tags, credentials, session_policies};

/// How long a session lasts, if the request does not say, in seconds.
const DURATION_S: i64 = 43_200;
/// How long one of an account's root may last, in seconds; longer ones are shortened.
const ROOT_DURATION_S_MAX: i64 = 3_600;

pub(crate) async fn get_federation_token(
    cx: &Ctx<Sts>,
    req: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse, Error> {
    let caller = &cx.call.principal;
    check_long_term(caller, "GetFederationToken")?;
    check_tags(req.tags.as_deref().unwrap_or_default(), &[])?;
    let SessionPolicies { policies, packed_percent } = session_policies(req.policy, req.policy_arns)?;
    let is_root = caller.kind == kernel::identity::PrincipalKind::Root;
    let longest = if is_root { ROOT_DURATION_S_MAX } else { i64::MAX };
    let federated = Principal {
        arn: format!("arn:aws:sts::{}:federated-user/{}", caller.account, req.name),
        user_id: format!("{}:{}", caller.account, req.name),
        ..caller.clone()
    };
    let duration_s = req.duration_seconds.unwrap_or(DURATION_S).min(longest);
    let session = cx.host.rooms().identities.user_session(&federated, duration_s, policies).await?;
    Ok(GetFederationTokenResponse {
        credentials: Some(credentials(&session)),
        federated_user: Some(FederatedUser { federated_user_id: session.user_id, arn: session.arn }),
        packed_policy_size: Some(packed_percent.unwrap_or(0)),
        ..GetFederationTokenResponse::default()
    })
}
