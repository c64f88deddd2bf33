//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeletePolicyVersionRequest, DeletePolicyVersionResponse};
use crate::managed::own_policy;
use crate::versions::no_version;

pub(crate) async fn delete_policy_version(
    cx: &Ctx<Iam>,
    req: DeletePolicyVersionRequest,
) -> Result<DeletePolicyVersionResponse, Error> {
    let mut tx = cx.begin();
    let (arn, wanted) = (&req.policy_arn, &req.version_id);
    let mut policy = own_policy(&mut tx, cx.account(), arn, || no_version(arn, wanted)).await?;
    let Some(at) = policy.versions.iter().position(|version| format!("v{}", version.number) == *wanted)
    else {
        return Err(Error::NoSuchEntity(no_version(arn, wanted)));
    };
    if policy.versions[at].number == policy.default_version {
        return Err(Error::DeleteConflict("the default version of a policy."));
    }
    policy.versions.remove(at);
    tx.put(&policy)?;
    tx.commit().await?;
    Ok(DeletePolicyVersionResponse {})
}
