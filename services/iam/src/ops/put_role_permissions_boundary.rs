//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{PutRolePermissionsBoundaryRequest, PutRolePermissionsBoundaryResponse};
use crate::{entities, holder};

pub(crate) async fn put_role_permissions_boundary(
    cx: &Ctx<Iam>,
    req: PutRolePermissionsBoundaryRequest,
) -> Result<PutRolePermissionsBoundaryResponse, Error> {
    holder::change_boundary::<entities::Role>(cx, &req.role_name, Some(req.permissions_boundary)).await?;
    Ok(PutRolePermissionsBoundaryResponse {})
}
