//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateUsagePlan.html>
//! Makes a usage plan.

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateUsagePlanRequest, UsagePlan};
use crate::tables;
use crate::usage_plan;
use crate::violations::Violations;

pub(crate) async fn create_usage_plan(cx: &Cx, req: CreateUsagePlanRequest) -> Result<UsagePlan, Error> {
    let period = req.quota.as_ref().and_then(|quota| quota.period.as_deref());
    Violations::default()
        .one_of("createUsagePlanInput.quota.period", period, &["WEEK", "MONTH", "DAY"])
        .done()?;
    let mut tx = cx.begin();
    let plan = usage_plan::from_request(cx, &mut tx, req).await?;
    if tables::usage_plans(&tx).await?.len() >= tables::USAGE_PLANS_MAX {
        return Err(Error::TooMany("usage plans"));
    }
    usage_plan::put(cx, &mut tx, &plan).await?;
    tx.commit().await?;
    Ok(usage_plan::shown(&plan))
}
