//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlans.html>
//! Lists usage plans, oldest first: those of a key, or all.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetUsagePlansRequest, UsagePlans};
use crate::page::{by_creation, page};
use crate::tables;
use crate::usage_plan;

pub(crate) async fn get_usage_plans(cx: &Cx, req: GetUsagePlansRequest) -> Result<UsagePlans, Error> {
    let mut tx = cx.begin();
    let mut all = tables::usage_plans(&tx).await?;
    if let Some(key) = req.key_id.filter(|id| !id.is_empty()) {
        let key = tables::api_key(&mut tx, &key).await?;
        all.retain(|plan| key.plan_ids.contains(&plan.id));
    }
    let keyed =
        all.iter().map(|plan| (by_creation(plan.created_ms, &plan.id), usage_plan::shown(plan))).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(UsagePlans { items: Some(items), position })
}
