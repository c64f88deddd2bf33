//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{PutUserPermissionsBoundaryRequest, PutUserPermissionsBoundaryResponse};
use crate::{entities, holder};

pub(crate) async fn put_user_permissions_boundary(
    cx: &Ctx<Iam>,
    req: PutUserPermissionsBoundaryRequest,
) -> Result<PutUserPermissionsBoundaryResponse, Error> {
    holder::change_boundary::<entities::User>(cx, &req.user_name, Some(req.permissions_boundary)).await?;
    Ok(PutUserPermissionsBoundaryResponse {})
}
