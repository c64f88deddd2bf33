//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegrationResponse.html>
//! Says how a backend's answer becomes a response of the method.

use crate::Cx;
use crate::error::Error;
use crate::generated::{IntegrationResponse, PutIntegrationResponseRequest};
use crate::integration_response;
use crate::method;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn put_integration_response(
    cx: &Cx,
    req: PutIntegrationResponseRequest,
) -> Result<IntegrationResponse, Error> {
    Violations::default()
        .one_of(
            "putIntegrationResponseInput.contentHandling",
            req.content_handling.as_deref(),
            &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"],
        )
        .status(&req.status_code)
        .done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    let status = req.status_code.clone();
    let made = integration_response::from_request(req, found)?;
    let answer = integration_response::shown(&status, &made);
    found.integration.as_mut().ok_or(Error::NoIntegration)?.responses.insert(status, made);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
