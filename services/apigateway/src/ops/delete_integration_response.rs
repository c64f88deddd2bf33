//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteIntegrationResponse.html>
//! Removes how a backend's answer becomes a response with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteIntegrationResponseRequest, DeleteIntegrationResponseResponse};
use crate::method;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn delete_integration_response(
    cx: &Cx,
    req: DeleteIntegrationResponseRequest,
) -> Result<DeleteIntegrationResponseResponse, Error> {
    Violations::default().status(&req.status_code).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method).map_err(|_| Error::NoIntegration)?;
    let integration = found.integration.as_mut().ok_or(Error::NoIntegration)?;
    integration.responses.remove(&req.status_code).ok_or(Error::NoStatus)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(DeleteIntegrationResponseResponse {})
}
