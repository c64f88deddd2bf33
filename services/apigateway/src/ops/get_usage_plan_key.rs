//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlanKey.html>
//! Shows an API key of a usage plan.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetUsagePlanKeyRequest, UsagePlanKey};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn get_usage_plan_key(cx: &Cx, req: GetUsagePlanKeyRequest) -> Result<UsagePlanKey, Error> {
    let mut tx = cx.begin();
    let plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let key = tables::api_key(&mut tx, &req.key_id).await?;
    if key.plan_ids.contains(&plan.id) { Ok(usage_plan::key_shown(&key)) } else { Err(Error::NoApiKey) }
}
