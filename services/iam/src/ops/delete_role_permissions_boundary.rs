//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteRolePermissionsBoundaryRequest, DeleteRolePermissionsBoundaryResponse};
use crate::holder::Holder;
use crate::{entities, holder};

pub(crate) async fn delete_role_permissions_boundary(
    cx: &Ctx<Iam>,
    req: DeleteRolePermissionsBoundaryRequest,
) -> Result<DeleteRolePermissionsBoundaryResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    if role.boundary.is_none() {
        // Inferred: AWS documents the error, but not its text.
        let text = format!("Role {} does not have a permissions boundary.", role.name);
        return Err(Error::NoSuchEntity(text));
    }
    holder::set_boundary(&mut tx, cx.account(), &mut role, None).await?;
    tx.put(&role)?;
    tx.commit().await?;
    Ok(DeleteRolePermissionsBoundaryResponse {})
}
