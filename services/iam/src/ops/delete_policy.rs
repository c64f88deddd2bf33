//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities::ManagedPolicy;
use crate::error::Error;
use crate::generated::{DeletePolicyRequest, DeletePolicyResponse};
use crate::managed::own_policy;

pub(crate) async fn delete_policy(
    cx: &Ctx<Iam>,
    req: DeletePolicyRequest,
) -> Result<DeletePolicyResponse, Error> {
    let mut tx = cx.begin();
    let arn = &req.policy_arn;
    let policy = own_policy(&mut tx, cx.account(), arn, || format!("Policy {arn} was not found.")).await?;
    if policy.attachments > 0 || policy.boundaries > 0 {
        return Err(Error::DeleteConflict("a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(Error::PolicyHasVersions);
    }
    tx.delete::<ManagedPolicy>(&policy.key());
    tx.commit().await?;
    Ok(DeletePolicyResponse {})
}
