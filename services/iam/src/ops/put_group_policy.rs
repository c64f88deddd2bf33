//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{PutGroupPolicyRequest, PutGroupPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn put_group_policy(
    cx: &Ctx<Iam>,
    req: PutGroupPolicyRequest,
) -> Result<PutGroupPolicyResponse, Error> {
    holder::put_inline::<entities::Group>(cx, &req.group_name, req.policy_name, req.policy_document).await?;
    Ok(PutGroupPolicyResponse {})
}
