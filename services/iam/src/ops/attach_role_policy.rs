//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{AttachRolePolicyRequest, AttachRolePolicyResponse};
use crate::{entities, holder};

pub(crate) async fn attach_role_policy(
    cx: &Ctx<Iam>,
    req: AttachRolePolicyRequest,
) -> Result<AttachRolePolicyResponse, Error> {
    holder::attach::<entities::Role>(cx, &req.role_name, &req.policy_arn).await?;
    Ok(AttachRolePolicyResponse {})
}
