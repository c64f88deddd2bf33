//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{TagPolicyRequest, TagPolicyResponse};
use crate::managed::own_policy;
use crate::tags::{self, Keys};

pub(crate) async fn tag_policy(cx: &Ctx<Iam>, req: TagPolicyRequest) -> Result<TagPolicyResponse, Error> {
    let mut tx = cx.begin();
    let arn = &req.policy_arn;
    let mut policy =
        own_policy(&mut tx, cx.account(), arn, || format!("Policy {arn} was not found.")).await?;
    tags::add(&mut policy.tags, Some(req.tags), Keys::Exact)?;
    tx.put(&policy)?;
    tx.commit().await?;
    Ok(TagPolicyResponse {})
}
