//! https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
//!
//! Lets another account, or everybody, use a version of a layer.

use kernel::Ctx;

use crate::Lambda;
use crate::access;
use crate::error::Error;
use crate::generated::{
    AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse, AddPermissionRequest,
};
use crate::layers;

pub(crate) async fn add_layer_version_permission(
    cx: &Ctx<Lambda>,
    req: AddLayerVersionPermissionRequest,
) -> Result<AddLayerVersionPermissionResponse, Error> {
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    let number = layers::number(req.version_number)?;
    let mut tx = place.begin(cx);
    let mut version = layers::get_own(cx, &mut tx, &place, number).await?;
    let statement = AddPermissionRequest {
        statement_id: req.statement_id,
        action: req.action,
        principal: req.principal,
        principal_org_id: req.organization_id,
        ..AddPermissionRequest::default()
    };
    let statement = access::statement(&place.version_arn(number), &statement)?;
    let shown = statement.to_string();
    access::add(&mut version.policy, statement)?;
    if req.revision_id.is_some_and(|expected| !expected.is_empty() && expected != version.policy_revision) {
        return Err(Error::LayerRevisionMismatch);
    }
    version.policy_revision = cx.uuid();
    tx.put(&version)?;
    tx.commit().await?;
    Ok(AddLayerVersionPermissionResponse {
        statement: Some(shown),
        revision_id: Some(version.policy_revision),
    })
}
