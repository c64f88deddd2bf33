//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteUsagePlan.html>
//! Removes a usage plan that has no stages; its keys stay.

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteUsagePlanRequest, DeleteUsagePlanResponse};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn delete_usage_plan(
    cx: &Cx,
    req: DeleteUsagePlanRequest,
) -> Result<DeleteUsagePlanResponse, Error> {
    let mut tx = cx.begin();
    let plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    usage_plan::delete(cx, &mut tx, &plan).await?;
    tx.commit().await?;
    Ok(DeleteUsagePlanResponse {})
}
