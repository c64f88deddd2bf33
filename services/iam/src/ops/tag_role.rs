//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{TagRoleRequest, TagRoleResponse};
use crate::holder::Holder;
use crate::tags::{self, Keys};

pub(crate) async fn tag_role(cx: &Ctx<Iam>, req: TagRoleRequest) -> Result<TagRoleResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    tags::add(&mut role.tags, Some(req.tags), Keys::IgnoreCase)?;
    tx.put(&role)?;
    tx.commit().await?;
    Ok(TagRoleResponse {})
}
