//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateIntegration.html>
//! Changes the integration behind a method.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Integration, UpdateIntegrationRequest};
use crate::integration;
use crate::method;
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_integration(cx: &Cx, req: UpdateIntegrationRequest) -> Result<Integration, Error> {
    Violations::default().operations("updateIntegrationInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let mut changed = found.integration.clone().ok_or(Error::NoIntegration)?;
    integration::apply(&mut changed, &Patch::parse(req.patch_operations), found, cx.account())?;
    let answer = integration::shown(&changed);
    found.integration = Some(changed);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
