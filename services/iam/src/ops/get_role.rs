//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{GetRoleRequest, GetRoleResponse};
use crate::shapes::{self, View};

pub(crate) async fn get_role(cx: &Ctx<Iam>, req: GetRoleRequest) -> Result<GetRoleResponse, Error> {
    let role = entities::role(&mut cx.begin(), &req.role_name).await?;
    Ok(GetRoleResponse { role: shapes::role(cx.account(), &role, View::Whole) })
}
