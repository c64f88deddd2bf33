//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html>
//!
//! The role is gone when this answers; its task is reported as `SUCCEEDED`.

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse};
use crate::linked::is_linked;

pub(crate) async fn delete_service_linked_role(
    cx: &Ctx<Iam>,
    req: DeleteServiceLinkedRoleRequest,
) -> Result<DeleteServiceLinkedRoleResponse, Error> {
    let mut tx = cx.begin();
    let role = entities::role(&mut tx, &req.role_name).await?;
    if !is_linked(&role) {
        // Inferred text.
        let text = format!("Role {} is not a service-linked role.", role.name);
        return Err(Error::InvalidInput(text));
    }
    tx.delete::<entities::Role>(&role.key());
    tx.commit().await?;
    let service = role.path.trim_start_matches("/aws-service-role/");
    let deletion_task_id = format!("task/aws-service-role/{service}{}/{}", role.name, cx.uuid());
    Ok(DeleteServiceLinkedRoleResponse { deletion_task_id })
}
