//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlan.html>
//! Shows a usage plan.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetUsagePlanRequest, UsagePlan};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn get_usage_plan(cx: &Cx, req: GetUsagePlanRequest) -> Result<UsagePlan, Error> {
    let plan = tables::usage_plan(&mut cx.begin(), &req.usage_plan_id).await?;
    Ok(usage_plan::shown_alone(&plan))
}
