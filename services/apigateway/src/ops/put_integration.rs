//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>
//! Puts an integration behind a method; the one before goes with its responses.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Integration, PutIntegrationRequest};
use crate::integration;
use crate::method;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn put_integration(cx: &Cx, req: PutIntegrationRequest) -> Result<Integration, Error> {
    Violations::default()
        .one_of(
            "putIntegrationInput.type",
            Some(&req.type_),
            &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"],
        )
        .one_of(
            "putIntegrationInput.connectionType",
            req.connection_type.as_deref(),
            &["VPC_LINK", "INTERNET"],
        )
        .one_of(
            "putIntegrationInput.contentHandling",
            req.content_handling.as_deref(),
            &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"],
        )
        .done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method.clone())?;
    let made = integration::from_request(req, found, cx.account())?;
    let answer = integration::shown(&made);
    found.integration = Some(made);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
