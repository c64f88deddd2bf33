//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateApiKey.html>
//! Changes an API key; its value stays.

use crate::Cx;
use crate::api_key::{self, Value};
use crate::error::Error;
use crate::generated::{ApiKey, UpdateApiKeyRequest};
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_api_key(cx: &Cx, req: UpdateApiKeyRequest) -> Result<ApiKey, Error> {
    Violations::default().operations("updateApiKeyInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut key = tables::api_key(&mut tx, &req.api_key).await?;
    api_key::apply(&mut tx, &mut key, &Patch::parse(req.patch_operations)).await?;
    key.updated_ms = cx.now_ms();
    api_key::put(cx, &mut tx, &key)?;
    tx.commit().await?;
    Ok(api_key::shown_alone(&key, Value::Hidden))
}
