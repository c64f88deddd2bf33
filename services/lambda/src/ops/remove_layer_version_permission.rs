//! https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html
//!
//! Removes a statement from the policy of a version of a layer.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{RemoveLayerVersionPermissionRequest, RemoveLayerVersionPermissionResponse};
use crate::layers;

pub(crate) async fn remove_layer_version_permission(
    cx: &Ctx<Lambda>,
    req: RemoveLayerVersionPermissionRequest,
) -> Result<RemoveLayerVersionPermissionResponse, Error> {
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    let number = layers::number(req.version_number)?;
    let mut tx = place.begin(cx);
    let mut version = layers::get_own(cx, &mut tx, &place, number).await?;
    if req.revision_id.is_some_and(|expected| !expected.is_empty() && expected != version.policy_revision) {
        return Err(Error::LayerRevisionMismatch);
    }
    let before = version.policy.len();
    version.policy.retain(|statement| statement["Sid"] != *req.statement_id);
    if version.policy.len() == before {
        return Err(Error::StatementNotFound(req.statement_id));
    }
    version.policy_revision = cx.uuid();
    tx.put(&version)?;
    tx.commit().await?;
    Ok(RemoveLayerVersionPermissionResponse::default())
}
