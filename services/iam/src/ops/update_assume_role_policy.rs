//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::documents::check_trust;
use crate::entities;
use crate::error::Error;
use crate::generated::{UpdateAssumeRolePolicyRequest, UpdateAssumeRolePolicyResponse};
use crate::holder::Holder;

pub(crate) async fn update_assume_role_policy(
    cx: &Ctx<Iam>,
    req: UpdateAssumeRolePolicyRequest,
) -> Result<UpdateAssumeRolePolicyResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    check_trust(&req.policy_document)?;
    role.trust = req.policy_document;
    tx.put(&role)?;
    tx.commit().await?;
    Ok(UpdateAssumeRolePolicyResponse {})
}
