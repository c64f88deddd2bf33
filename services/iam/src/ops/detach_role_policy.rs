//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DetachRolePolicyRequest, DetachRolePolicyResponse};
use crate::{entities, holder};

pub(crate) async fn detach_role_policy(
    cx: &Ctx<Iam>,
    req: DetachRolePolicyRequest,
) -> Result<DetachRolePolicyResponse, Error> {
    holder::detach::<entities::Role>(cx, &req.role_name, &req.policy_arn).await?;
    Ok(DetachRolePolicyResponse {})
}
