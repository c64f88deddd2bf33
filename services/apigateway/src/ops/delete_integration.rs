//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteIntegration.html>
//! Takes the integration away from a method.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteIntegrationRequest, DeleteIntegrationResponse};
use crate::method;
use crate::tables;

pub(crate) async fn delete_integration(
    cx: &Cx,
    req: DeleteIntegrationRequest,
) -> Result<DeleteIntegrationResponse, Error> {
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method).map_err(|_| Error::NoIntegration)?;
    found.integration.take().ok_or(Error::NoIntegration)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(DeleteIntegrationResponse {})
}
