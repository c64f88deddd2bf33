//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{PutUserPolicyRequest, PutUserPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn put_user_policy(
    cx: &Ctx<Iam>,
    req: PutUserPolicyRequest,
) -> Result<PutUserPolicyResponse, Error> {
    holder::put_inline::<entities::User>(cx, &req.user_name, req.policy_name, req.policy_document).await?;
    Ok(PutUserPolicyResponse {})
}
