//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlanKeys.html>
//! Lists the API keys of a usage plan by id: those whose name begins with a text, or all.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetUsagePlanKeysRequest, UsagePlanKeys};
use crate::page::page;
use crate::tables;
use crate::usage_plan;

pub(crate) async fn get_usage_plan_keys(
    cx: &Cx,
    req: GetUsagePlanKeysRequest,
) -> Result<UsagePlanKeys, Error> {
    let mut tx = cx.begin();
    let plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let name = req.name_query.unwrap_or_default();
    let mut keyed = Vec::new();
    for of in tables::plan_keys(&tx, &plan.id).await? {
        let key = tables::api_key(&mut tx, &of.key_id).await?;
        if key.name.as_deref().unwrap_or_default().starts_with(&name) {
            keyed.push((key.id.clone(), usage_plan::key_shown(&key)));
        }
    }
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(UsagePlanKeys { items: Some(items), position })
}
