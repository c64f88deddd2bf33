//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{AttachGroupPolicyRequest, AttachGroupPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn attach_group_policy(
    cx: &Ctx<Iam>,
    req: AttachGroupPolicyRequest,
) -> Result<AttachGroupPolicyResponse, Error> {
    holder::attach::<entities::Group>(cx, &req.group_name, &req.policy_arn).await?;
    Ok(AttachGroupPolicyResponse {})
}
