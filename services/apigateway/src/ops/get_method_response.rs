//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetMethodResponse.html>
//! Shows what a method may answer with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetMethodResponseRequest, MethodResponse};
use crate::method;
use crate::method_response;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn get_method_response(
    cx: &Cx,
    req: GetMethodResponseRequest,
) -> Result<MethodResponse, Error> {
    Violations::default().status(&req.status_code).done()?;
    let mut record = tables::resource(&mut cx.begin(), &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let response = found.responses.get(&req.status_code).ok_or(Error::NoStatus)?;
    Ok(method_response::shown(&req.status_code, response))
}
