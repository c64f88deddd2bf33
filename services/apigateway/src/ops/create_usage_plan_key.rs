//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateUsagePlanKey.html>
//! Puts an API key into a usage plan.

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateUsagePlanKeyRequest, UsagePlanKey};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn create_usage_plan_key(
    cx: &Cx,
    req: CreateUsagePlanKeyRequest,
) -> Result<UsagePlanKey, Error> {
    if req.key_type != "API_KEY" {
        return Err(Error::KeyType);
    }
    let mut tx = cx.begin();
    let mut plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let mut key = tables::api_key(&mut tx, &req.key_id).await?;
    usage_plan::subscribe(cx, &mut tx, &mut plan, &mut key).await?;
    tx.commit().await?;
    Ok(usage_plan::key_shown(&key))
}
