//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DetachGroupPolicyRequest, DetachGroupPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn detach_group_policy(
    cx: &Ctx<Iam>,
    req: DetachGroupPolicyRequest,
) -> Result<DetachGroupPolicyResponse, Error> {
    holder::detach::<entities::Group>(cx, &req.group_name, &req.policy_arn).await?;
    Ok(DetachGroupPolicyResponse {})
}
