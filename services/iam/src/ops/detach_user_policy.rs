//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DetachUserPolicyRequest, DetachUserPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn detach_user_policy(
    cx: &Ctx<Iam>,
    req: DetachUserPolicyRequest,
) -> Result<DetachUserPolicyResponse, Error> {
    holder::detach::<entities::User>(cx, &req.user_name, &req.policy_arn).await?;
    Ok(DetachUserPolicyResponse {})
}
