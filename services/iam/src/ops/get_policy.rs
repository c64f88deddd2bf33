//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{GetPolicyRequest, GetPolicyResponse};
use crate::managed::{find_policy, uses};
use crate::shapes::{self, View};

pub(crate) async fn get_policy(cx: &Ctx<Iam>, req: GetPolicyRequest) -> Result<GetPolicyResponse, Error> {
    let mut tx = cx.begin();
    let Some(found) = find_policy(&mut tx, cx.account(), &req.policy_arn).await? else {
        return Err(Error::NoSuchEntity(format!("Policy {} was not found.", req.policy_arn)));
    };
    let uses = uses(&tx, &found).await?;
    Ok(GetPolicyResponse { policy: Some(shapes::policy(cx.account(), &found, uses, View::Whole)) })
}
