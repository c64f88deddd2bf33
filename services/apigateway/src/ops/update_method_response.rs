//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateMethodResponse.html>
//! Changes what a method may answer with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{MethodResponse, UpdateMethodResponseRequest};
use crate::method;
use crate::method_response;
use crate::patch::Patch;
use crate::references;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_method_response(
    cx: &Cx,
    req: UpdateMethodResponseRequest,
) -> Result<MethodResponse, Error> {
    Violations::default()
        .operations("updateMethodResponseInput", req.patch_operations.as_ref())
        .status(&req.status_code)
        .done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let response = found.responses.get_mut(&req.status_code).ok_or(Error::NoStatus)?;
    method_response::apply(response, &Patch::parse(req.patch_operations))?;
    references::check_models(&mut tx, &req.rest_api_id, response.response_models.values()).await?;
    let answer = method_response::shown(&req.status_code, response);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
