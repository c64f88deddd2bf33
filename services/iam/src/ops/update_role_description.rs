//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{Role, UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};
use crate::shapes::{self, View};

pub(crate) async fn update_role_description(
    cx: &Ctx<Iam>,
    req: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.description = Some(req.description).filter(|text| !text.is_empty());
    tx.put(&role)?;
    tx.commit().await?;
    let description = role.description.clone();
    let role = Role { description, tags: None, ..shapes::role(cx.account(), &role, View::Created) };
    Ok(UpdateRoleDescriptionResponse { role: Some(role) })
}
