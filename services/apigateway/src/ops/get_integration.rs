//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetIntegration.html>
//! Shows the integration behind a method.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetIntegrationRequest, Integration};
use crate::integration;
use crate::method;
use crate::tables;

pub(crate) async fn get_integration(cx: &Cx, req: GetIntegrationRequest) -> Result<Integration, Error> {
    let mut record = tables::resource(&mut cx.begin(), &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    found.integration.as_ref().map(integration::shown).ok_or(Error::NoIntegration)
}
