//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{UntagPolicyRequest, UntagPolicyResponse};
use crate::managed::own_policy;
use crate::tags::{self, Keys};

pub(crate) async fn untag_policy(
    cx: &Ctx<Iam>,
    req: UntagPolicyRequest,
) -> Result<UntagPolicyResponse, Error> {
    let mut tx = cx.begin();
    let arn = &req.policy_arn;
    let mut policy =
        own_policy(&mut tx, cx.account(), arn, || format!("Policy {arn} was not found.")).await?;
    tags::remove(&mut policy.tags, &req.tag_keys, Keys::Exact);
    tx.put(&policy)?;
    tx.commit().await?;
    Ok(UntagPolicyResponse {})
}
