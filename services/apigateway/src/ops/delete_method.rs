//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteMethod.html>
//! Removes a method with its responses and its integration.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteMethodRequest, DeleteMethodResponse};
use crate::tables;

pub(crate) async fn delete_method(cx: &Cx, req: DeleteMethodRequest) -> Result<DeleteMethodResponse, Error> {
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    record.resource.methods.remove(&req.http_method).ok_or(Error::NoMethod)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(DeleteMethodResponse {})
}
