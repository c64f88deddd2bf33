//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateIntegrationResponse.html>
//! Changes how a backend's answer becomes a response with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{IntegrationResponse, UpdateIntegrationResponseRequest};
use crate::integration_response;
use crate::method;
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_integration_response(
    cx: &Cx,
    req: UpdateIntegrationResponseRequest,
) -> Result<IntegrationResponse, Error> {
    Violations::default()
        .operations("updateIntegrationResponseInput", req.patch_operations.as_ref())
        .status(&req.status_code)
        .done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let integration = found.integration.as_ref().ok_or(Error::NoIntegration)?;
    let mut changed = integration.responses.get(&req.status_code).cloned().ok_or(Error::NoStatus)?;
    let patches = Patch::parse(req.patch_operations);
    integration_response::apply(&mut changed, &patches, found, &req.status_code)?;
    let answer = integration_response::shown(&req.status_code, &changed);
    found.integration.as_mut().ok_or(Error::NoIntegration)?.responses.insert(req.status_code, changed);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
