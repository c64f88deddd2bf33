//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::documents::encoded;
use crate::error::Error;
use crate::generated::{GetGroupPolicyRequest, GetGroupPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn get_group_policy(
    cx: &Ctx<Iam>,
    req: GetGroupPolicyRequest,
) -> Result<GetGroupPolicyResponse, Error> {
    let (group_name, document) =
        holder::get_inline::<entities::Group>(cx, &req.group_name, &req.policy_name).await?;
    Ok(GetGroupPolicyResponse {
        group_name,
        policy_name: req.policy_name,
        policy_document: encoded(&document),
    })
}
