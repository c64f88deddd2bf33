//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html>
//! Shows what the keys of a usage plan used, by day: `[used, remaining]`.

use std::collections::BTreeMap;

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetUsageRequest, Usage};
use crate::page::page;
use crate::tables;
use crate::usage;

pub(crate) async fn get_usage(cx: &Cx, req: GetUsageRequest) -> Result<Usage, Error> {
    let range = usage::range(&req.start_date, &req.end_date)?;
    // What the data plane counted until now is written first, so that it is shown.
    cx.host.rooms().data_plane.flush_usage().await?;
    let mut tx = cx.begin();
    let plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let mut keys = tables::plan_keys(&tx, &plan.id).await?;
    if let Some(id) = req.key_id.filter(|id| !id.is_empty()) {
        keys.retain(|of| of.key_id == id);
        if keys.is_empty() {
            return Err(Error::NoApiKey);
        }
    }
    let keyed = keys.into_iter().map(|of| (of.key_id.clone(), of.key_id)).collect();
    let (keys, position) = page(keyed, req.position.as_deref(), req.limit)?;
    let mut items = BTreeMap::new();
    for key in keys {
        let rows = usage::rows(cx, &mut tx, (&plan.id, &key), plan.quota.as_ref(), range).await?;
        items.insert(key, rows);
    }
    Ok(Usage {
        usage_plan_id: Some(plan.id),
        start_date: Some(req.start_date),
        end_date: Some(req.end_date),
        position,
        items: Some(items),
    })
}
