//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::documents::encoded;
use crate::error::Error;
use crate::generated::{GetRolePolicyRequest, GetRolePolicyResponse};
use crate::{entities, holder};

pub(crate) async fn get_role_policy(
    cx: &Ctx<Iam>,
    req: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, Error> {
    let (role_name, document) =
        holder::get_inline::<entities::Role>(cx, &req.role_name, &req.policy_name).await?;
    Ok(GetRolePolicyResponse { role_name, policy_name: req.policy_name, policy_document: encoded(&document) })
}
