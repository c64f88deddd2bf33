//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteMethodResponse.html>
//! Removes what a method may answer with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteMethodResponseRequest, DeleteMethodResponseResponse};
use crate::method;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn delete_method_response(
    cx: &Cx,
    req: DeleteMethodResponseRequest,
) -> Result<DeleteMethodResponseResponse, Error> {
    Violations::default().status(&req.status_code).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    found.responses.remove(&req.status_code).ok_or(Error::NoStatus)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(DeleteMethodResponseResponse {})
}
