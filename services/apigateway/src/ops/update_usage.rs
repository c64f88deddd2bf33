//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsage.html>
//! Grants a key more requests, or takes some, in the running period of its quota.

use plan::definition::{UsageRecord, usage_key};

use crate::Cx;
use crate::error::Error;
use crate::generated::{UpdateUsageRequest, Usage};
use crate::patch::{Op, Patch};
use crate::published;
use crate::tables;
use crate::usage;
use crate::violations::Violations;

pub(crate) async fn update_usage(cx: &Cx, req: UpdateUsageRequest) -> Result<Usage, Error> {
    Violations::default().operations("updateUsageInput", req.patch_operations.as_ref()).done()?;
    cx.host.rooms().data_plane.flush_usage().await?;
    let mut tx = cx.begin();
    let plan = tables::usage_plan(&mut tx, &req.usage_plan_id).await?;
    let key = tables::api_key(&mut tx, &req.key_id).await?;
    if !key.plan_ids.contains(&plan.id) {
        return Err(Error::NoApiKey);
    }
    let today = usage::day_of(cx.now_ms());
    let of = (plan.id.as_str(), key.id.as_str());
    for patch in Patch::parse(req.patch_operations) {
        let allowed = if patch.op == Op::Replace { "/remaining" } else { "" };
        if patch.path != allowed {
            let (path, op) = (patch.path, patch.op.name());
            return Err(Error::PatchPathOf { path, op, allowed: allowed.to_owned() });
        }
        let wanted = patch.text().parse().ok().filter(|left: &i64| *left >= 0);
        let remaining = wanted.ok_or_else(|| patch.misfit("a number of requests is expected"))?;
        if plan.quota.is_none() {
            return Err(Error::NoQuota(plan.id));
        }
        let found = published::get(cx, &mut tx, &usage_key(of.0, of.1, today)).await?;
        let unused = UsageRecord {
            plan_id: of.0.to_owned(),
            key_id: of.1.to_owned(),
            day: today,
            ..Default::default()
        };
        let record = UsageRecord { remaining: Some(remaining), ..found.unwrap_or(unused) };
        published::put(cx, &mut tx, &record)?;
    }
    tx.commit().await?;
    let mut tx = cx.begin();
    let rows = usage::rows(cx, &mut tx, of, plan.quota.as_ref(), (today, today)).await?;
    let date = Some(usage::date(today));
    Ok(Usage {
        usage_plan_id: Some(plan.id.clone()),
        start_date: date.clone(),
        end_date: date,
        position: None,
        items: Some([(key.id.clone(), rows)].into()),
    })
}
