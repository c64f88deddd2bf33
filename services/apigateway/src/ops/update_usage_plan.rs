//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsagePlan.html>
//! Changes a usage plan; what it allows changes with the answer.

use crate::Cx;
use crate::error::Error;
use crate::generated::{UpdateUsagePlanRequest, UsagePlan};
use crate::patch::Patch;
use crate::tables;
use crate::usage_plan;
use crate::violations::Violations;

pub(crate) async fn update_usage_plan(cx: &Cx, req: UpdateUsagePlanRequest) -> Result<UsagePlan, Error> {
    Violations::default().operations("updateUsagePlanInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let count = plan.stages.len();
    usage_plan::apply(&mut tx, &mut plan, &Patch::parse(req.patch_operations)).await?;
    if plan.stages.len() > count {
        usage_plan::check_keys(&mut tx, &plan).await?;
    }
    usage_plan::put(cx, &mut tx, &plan).await?;
    tx.commit().await?;
    Ok(usage_plan::shown_alone(&plan))
}
