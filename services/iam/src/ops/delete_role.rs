//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{DeleteRoleRequest, DeleteRoleResponse};
use crate::holder::{Holder, check_without_policies, set_boundary};

pub(crate) async fn delete_role(cx: &Ctx<Iam>, req: DeleteRoleRequest) -> Result<DeleteRoleResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    if !role.profiles.is_empty() {
        return Err(Error::DeleteConflict("entity, must remove roles from instance profile first."));
    }
    check_without_policies(&mut role)?;
    set_boundary(&mut tx, cx.account(), &mut role, None).await?;
    tx.delete::<entities::Role>(&role.key());
    tx.commit().await?;
    Ok(DeleteRoleResponse {})
}
