//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{DeleteUserRequest, DeleteUserResponse};
use crate::holder::{check_without_policies, set_boundary};

pub(crate) async fn delete_user(cx: &Ctx<Iam>, req: DeleteUserRequest) -> Result<DeleteUserResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    if !user.access_keys.is_empty() {
        return Err(Error::DeleteConflict("entity, must delete access keys first."));
    }
    check_without_policies(&mut user)?;
    if !user.groups.is_empty() {
        // Inferred text.
        return Err(Error::DeleteConflict("entity, must remove user from all groups first."));
    }
    set_boundary(&mut tx, cx.account(), &mut user, None).await?;
    tx.delete::<entities::User>(&user.key());
    tx.commit().await?;
    Ok(DeleteUserResponse {})
}
