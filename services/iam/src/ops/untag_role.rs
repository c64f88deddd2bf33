//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{UntagRoleRequest, UntagRoleResponse};
use crate::holder::Holder;
use crate::tags::{self, Keys};

pub(crate) async fn untag_role(cx: &Ctx<Iam>, req: UntagRoleRequest) -> Result<UntagRoleResponse, Error> {
    let mut tx = cx.begin();
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    tags::remove(&mut role.tags, &req.tag_keys, Keys::IgnoreCase);
    tx.put(&role)?;
    tx.commit().await?;
    Ok(UntagRoleResponse {})
}
