//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html>
//! Declares what a method may answer with one status; what was declared before is replaced.

use crate::Cx;
use crate::error::Error;
use crate::generated::{MethodResponse, PutMethodResponseRequest};
use crate::method;
use crate::method_response;
use crate::references;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn put_method_response(
    cx: &Cx,
    req: PutMethodResponseRequest,
) -> Result<MethodResponse, Error> {
    Violations::default().status(&req.status_code).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let status = req.status_code.clone();
    let api_id = req.rest_api_id.clone();
    let made = method_response::from_request(req)?;
    references::check_models(&mut tx, &api_id, made.response_models.values()).await?;
    let answer = method_response::shown(&status, &made);
    found.responses.insert(status, made);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
