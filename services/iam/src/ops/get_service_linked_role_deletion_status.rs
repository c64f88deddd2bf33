//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities::{Role, name_key};
use crate::error::Error;
use crate::generated::{
    GetServiceLinkedRoleDeletionStatusRequest, GetServiceLinkedRoleDeletionStatusResponse,
};

pub(crate) async fn get_service_linked_role_deletion_status(
    cx: &Ctx<Iam>,
    req: GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<GetServiceLinkedRoleDeletionStatusResponse, Error> {
    let name = req.deletion_task_id.rsplit('/').nth(1).unwrap_or_default();
    let is_task = req.deletion_task_id.starts_with("task/aws-service-role/");
    if !is_task || cx.begin().peek::<Role>(&name_key(name)).await?.is_some() {
        // Inferred text.
        let text = format!("The deletion task {} cannot be found.", req.deletion_task_id);
        return Err(Error::NoSuchEntity(text));
    }
    Ok(GetServiceLinkedRoleDeletionStatusResponse { status: "SUCCEEDED".to_owned(), reason: None })
}
