//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteGroupPolicyRequest, DeleteGroupPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn delete_group_policy(
    cx: &Ctx<Iam>,
    req: DeleteGroupPolicyRequest,
) -> Result<DeleteGroupPolicyResponse, Error> {
    holder::delete_inline::<entities::Group>(cx, &req.group_name, &req.policy_name).await?;
    Ok(DeleteGroupPolicyResponse {})
}
