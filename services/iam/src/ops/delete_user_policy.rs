//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteUserPolicyRequest, DeleteUserPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn delete_user_policy(
    cx: &Ctx<Iam>,
    req: DeleteUserPolicyRequest,
) -> Result<DeleteUserPolicyResponse, Error> {
    holder::delete_inline::<entities::User>(cx, &req.user_name, &req.policy_name).await?;
    Ok(DeleteUserPolicyResponse {})
}
