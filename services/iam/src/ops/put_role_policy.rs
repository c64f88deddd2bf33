//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{PutRolePolicyRequest, PutRolePolicyResponse};
use crate::{entities, holder};

pub(crate) async fn put_role_policy(
    cx: &Ctx<Iam>,
    req: PutRolePolicyRequest,
) -> Result<PutRolePolicyResponse, Error> {
    holder::put_inline::<entities::Role>(cx, &req.role_name, req.policy_name, req.policy_document).await?;
    Ok(PutRolePolicyResponse {})
}
