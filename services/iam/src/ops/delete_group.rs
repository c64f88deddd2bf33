//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{DeleteGroupRequest, DeleteGroupResponse};
use crate::holder::check_without_policies;

pub(crate) async fn delete_group(
    cx: &Ctx<Iam>,
    req: DeleteGroupRequest,
) -> Result<DeleteGroupResponse, Error> {
    let mut tx = cx.begin();
    let mut group = entities::group(&mut tx, &req.group_name).await?;
    if group.members > 0 {
        return Err(Error::DeleteConflict("entity, must remove users from group first."));
    }
    check_without_policies(&mut group)?;
    tx.delete::<entities::Group>(&group.key());
    tx.commit().await?;
    Ok(DeleteGroupResponse {})
}
