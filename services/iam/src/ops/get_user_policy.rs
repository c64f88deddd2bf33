//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::documents::encoded;
use crate::error::Error;
use crate::generated::{GetUserPolicyRequest, GetUserPolicyResponse};
use crate::{entities, holder};

pub(crate) async fn get_user_policy(
    cx: &Ctx<Iam>,
    req: GetUserPolicyRequest,
) -> Result<GetUserPolicyResponse, Error> {
    let (user_name, document) =
        holder::get_inline::<entities::User>(cx, &req.user_name, &req.policy_name).await?;
    Ok(GetUserPolicyResponse { user_name, policy_name: req.policy_name, policy_document: encoded(&document) })
}
