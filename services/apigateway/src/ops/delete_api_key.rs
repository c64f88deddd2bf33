//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteApiKey.html>
//! Removes an API key, also from usage plans.

use crate::Cx;
use crate::api_key;
use crate::error::Error;
use crate::generated::{DeleteApiKeyRequest, DeleteApiKeyResponse};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn delete_api_key(cx: &Cx, req: DeleteApiKeyRequest) -> Result<DeleteApiKeyResponse, Error> {
    let mut tx = cx.begin();
    let mut key = tables::api_key(&mut tx, &req.api_key).await?;
    for id in key.plan_ids.clone() {
        let mut plan = tables::usage_plan(&mut tx, &id).await?;
        usage_plan::unsubscribe(cx, &mut tx, &mut plan, &mut key)?;
    }
    api_key::delete(cx, &mut tx, &key);
    tx.commit().await?;
    Ok(DeleteApiKeyResponse {})
}
