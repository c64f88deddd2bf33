//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{UpdateRoleRequest, UpdateRoleResponse};
use crate::holder::Holder;

pub(crate) async fn update_role(cx: &Ctx<Iam>, req: UpdateRoleRequest) -> Result<UpdateRoleResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    if let Some(description) = req.description {
        role.description = Some(description).filter(|text| !text.is_empty());
    }
    role.max_session_s = req.max_session_duration.unwrap_or(role.max_session_s);
    tx.put(&role)?;
    tx.commit().await?;
    Ok(UpdateRoleResponse {})
}
