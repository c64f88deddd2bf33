//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetIntegrationResponse.html>
//! Shows how a backend's answer becomes a response with one status.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetIntegrationResponseRequest, IntegrationResponse};
use crate::integration_response;
use crate::method;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn get_integration_response(
    cx: &Cx,
    req: GetIntegrationResponseRequest,
) -> Result<IntegrationResponse, Error> {
    Violations::default().status(&req.status_code).done()?;
    let mut record = tables::resource(&mut cx.begin(), &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let integration = found.integration.as_ref().ok_or(Error::NoIntegration)?;
    let response = integration.responses.get(&req.status_code).ok_or(Error::NoStatus)?;
    Ok(integration_response::shown(&req.status_code, response))
}
