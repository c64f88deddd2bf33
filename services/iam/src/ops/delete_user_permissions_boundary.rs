//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteUserPermissionsBoundaryRequest, DeleteUserPermissionsBoundaryResponse};
use crate::holder::Holder;
use crate::{entities, holder};

pub(crate) async fn delete_user_permissions_boundary(
    cx: &Ctx<Iam>,
    req: DeleteUserPermissionsBoundaryRequest,
) -> Result<DeleteUserPermissionsBoundaryResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    user.check_modifiable()?;
    if user.boundary.is_none() {
        // Inferred: AWS documents the error, but not its text.
        let text = format!("User {} does not have a permissions boundary.", user.name);
        return Err(Error::NoSuchEntity(text));
    }
    holder::set_boundary(&mut tx, cx.account(), &mut user, None).await?;
    tx.put(&user)?;
    tx.commit().await?;
    Ok(DeleteUserPermissionsBoundaryResponse {})
}
