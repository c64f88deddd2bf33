//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApi.html>
//! Shows one API.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetRestApiRequest, RestApi};
use crate::tables;

pub(crate) async fn get_rest_api(cx: &Cx, req: GetRestApiRequest) -> Result<RestApi, Error> {
    let api = tables::api(cx, &mut cx.begin(), &req.rest_api_id).await?;
    Ok(api.shown_alone())
}
