//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteRolePolicyRequest, DeleteRolePolicyResponse};
use crate::{entities, holder};

pub(crate) async fn delete_role_policy(
    cx: &Ctx<Iam>,
    req: DeleteRolePolicyRequest,
) -> Result<DeleteRolePolicyResponse, Error> {
    holder::delete_inline::<entities::Role>(cx, &req.role_name, &req.policy_name).await?;
    Ok(DeleteRolePolicyResponse {})
}
