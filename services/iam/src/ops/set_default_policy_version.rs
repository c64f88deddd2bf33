//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{SetDefaultPolicyVersionRequest, SetDefaultPolicyVersionResponse};
use crate::managed::own_policy;
use crate::versions::no_version;

pub(crate) async fn set_default_policy_version(
    cx: &Ctx<Iam>,
    req: SetDefaultPolicyVersionRequest,
) -> Result<SetDefaultPolicyVersionResponse, Error> {
    let mut tx = cx.begin();
    let (arn, wanted) = (&req.policy_arn, &req.version_id);
    let mut policy = own_policy(&mut tx, cx.account(), arn, || no_version(arn, wanted)).await?;
    let found = policy.versions.iter().find(|version| format!("v{}", version.number) == *wanted);
    let found = found.ok_or_else(|| Error::NoSuchEntity(no_version(arn, wanted)))?;
    policy.default_version = found.number;
    policy.updated_ms = cx.now_ms();
    tx.put(&policy)?;
    tx.commit().await?;
    Ok(SetDefaultPolicyVersionResponse {})
}
