//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteUsagePlanKey.html>
//! Takes an API key out of a usage plan; the key stays.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteUsagePlanKeyRequest, DeleteUsagePlanKeyResponse};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn delete_usage_plan_key(
    cx: &Cx,
    req: DeleteUsagePlanKeyRequest,
) -> Result<DeleteUsagePlanKeyResponse, Error> {
    let mut tx = cx.begin();
    let mut plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let mut key = tables::api_key(&mut tx, &req.key_id).await?;
    if !key.plan_ids.contains(&plan.id) {
        return Err(Error::NoApiKey);
    }
    usage_plan::unsubscribe(cx, &mut tx, &mut plan, &mut key)?;
    tx.commit().await?;
    Ok(DeleteUsagePlanKeyResponse {})
}
