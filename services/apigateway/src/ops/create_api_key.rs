//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html>
//! Makes an API key, with a value of its own unless one is given.

use crate::Cx;
use crate::api_key::{self, Value};
use crate::error::Error;
use crate::generated::{ApiKey, CreateApiKeyRequest};
use crate::tables;

pub(crate) async fn create_api_key(cx: &Cx, req: CreateApiKeyRequest) -> Result<ApiKey, Error> {
    let mut tx = cx.begin();
    let key = api_key::from_request(cx, &mut tx, req).await?;
    api_key::check_free(cx, &mut tx, &key.value).await?;
    if tables::api_keys(&tx).await?.len() >= tables::API_KEYS_MAX {
        return Err(Error::TooMany("API keys"));
    }
    api_key::put(cx, &mut tx, &key)?;
    tx.commit().await?;
    Ok(api_key::shown(&key, Value::Shown))
}
