//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{AttachUserPolicyRequest, AttachUserPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn attach_user_policy(
    cx: &Ctx<Iam>,
    req: AttachUserPolicyRequest,
) -> Result<AttachUserPolicyResponse, Error> {
    holder::attach::<entities::User>(cx, &req.user_name, &req.policy_arn).await?;
    Ok(AttachUserPolicyResponse {})
}
