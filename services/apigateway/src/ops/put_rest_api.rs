//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html>
//! Merges an OpenAPI document into an API, or overwrites the API with it. Deployments that exist keep what they fixed.

use crate::Cx;
use crate::documentation::Mode;
use crate::error::Error;
use crate::generated::{PutRestApiRequest, RestApi};
use crate::import::{self, Request};
use crate::tables;

pub(crate) async fn put_rest_api(cx: &Cx, req: PutRestApiRequest) -> Result<RestApi, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let request = Request {
        body: &req.body,
        parameters: &req.parameters.unwrap_or_default(),
        mode: Mode::of(req.mode.as_deref()),
        fails_on_warnings: req.fail_on_warnings == Some(true),
    };
    let warnings = import::apply(cx, &mut tx, &mut api, request).await?;
    tx.commit().await?;
    Ok(import::with_warnings(api.shown_alone(), warnings))
}
