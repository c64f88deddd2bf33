//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetMethod.html>
//! Shows a method with its responses and its integration.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetMethodRequest, Method};
use crate::method;
use crate::tables;

pub(crate) async fn get_method(cx: &Cx, req: GetMethodRequest) -> Result<Method, Error> {
    let mut record = tables::resource(&mut cx.begin(), &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    Ok(method::shown(&req.http_method, found))
}
