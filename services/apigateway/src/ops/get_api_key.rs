//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKey.html>
//! Shows an API key, its value only if asked for.

use crate::Cx;
use crate::api_key::{self, Value};
use crate::error::Error;
use crate::generated::{ApiKey, GetApiKeyRequest};
use crate::tables;

pub(crate) async fn get_api_key(cx: &Cx, req: GetApiKeyRequest) -> Result<ApiKey, Error> {
    let key = tables::api_key(&mut cx.begin(), &req.api_key).await?;
    Ok(api_key::shown_alone(&key, Value::of(req.include_value)))
}
