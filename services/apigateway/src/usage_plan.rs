//! Usage plans: made from a request, patched, shown, and what is published of them; which keys are in which plan.
//!
//! A product code is kept and shown; there is no marketplace to report to. A stage that is removed leaves the plans it was in.

mod paths;

use std::collections::BTreeMap;

use kernel::{Record, Tx};
use plan::definition::{PlanStage, PublishedUsagePlan, Quota, RateAndBurst, published_plan_key};

use crate::Cx;
use crate::error::Error;
use crate::generated::{
    ApiStage, CreateUsagePlanRequest, QuotaSettings, ThrottleSettings, UsagePlan, UsagePlanKey,
};
use crate::patch::{Op, Patch};
use crate::published;
use crate::tables::{self, ApiKeyRecord, PlanKeyRecord, UsagePlanRecord};
use paths::{Limit, Target};

/// Most stages of one plan.
const STAGES_MAX: usize = 1_000;
/// Most methods with limits of their own in one stage of a plan.
const METHODS_MAX: usize = 1_000;

/// The plan that a request asks for.
pub(crate) async fn from_request(
    cx: &Cx,
    tx: &mut Tx,
    req: CreateUsagePlanRequest,
) -> Result<UsagePlanRecord, Error> {
    if req.name.is_empty() {
        return Err(Error::EmptyPlanName);
    }
    let mut plan = UsagePlanRecord {
        id: cx.new_id(6),
        name: req.name,
        description: req.description.filter(|text| !text.is_empty()),
        created_ms: cx.now_ms(),
        throttle: req.throttle.map(|limits| rate_and_burst(&limits)),
        quota: req.quota.map(quota),
        tags: crate::tags::checked(req.tags.unwrap_or_default())?,
        ..UsagePlanRecord::default()
    };
    for ApiStage { api_id, stage, throttle } in req.api_stages.unwrap_or_default() {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty()).ok_or(Error::BlankApiStage);
        let (api_id, stage) = (filled(api_id)?, filled(stage)?);
        add_stage(tx, &mut plan, api_id, stage).await?;
        if let Some(added) = plan.stages.last_mut() {
            added.throttle = methods(throttle.unwrap_or_default());
        }
    }
    check(&plan)?;
    Ok(plan)
}

/// The plan as lists show it.
pub(crate) fn shown(plan: &UsagePlanRecord) -> UsagePlan {
    let stage = |stage: &PlanStage| ApiStage {
        api_id: Some(stage.api_id.clone()),
        stage: Some(stage.stage.clone()),
        throttle: (!stage.throttle.is_empty()).then(|| {
            stage.throttle.iter().map(|(method, limits)| (method.clone(), settings(limits))).collect()
        }),
    };
    UsagePlan {
        id: Some(plan.id.clone()),
        name: Some(plan.name.clone()),
        description: plan.description.clone(),
        api_stages: Some(plan.stages.iter().map(stage).collect()),
        throttle: plan.throttle.as_ref().map(settings),
        quota: plan.quota.as_ref().map(|quota| QuotaSettings {
            limit: Some(quota.limit),
            offset: Some(quota.offset),
            period: Some(quota.period.clone()),
        }),
        product_code: plan.product_code.clone(),
        tags: (!plan.tags.is_empty()).then(|| plan.tags.clone()),
    }
}

/// The plan as it is shown on its own: with its tags, even if there are none.
pub(crate) fn shown_alone(plan: &UsagePlanRecord) -> UsagePlan {
    UsagePlan { tags: Some(plan.tags.clone()), ..shown(plan) }
}

/// A key of a plan as a client sees it.
pub(crate) fn key_shown(key: &ApiKeyRecord) -> UsagePlanKey {
    UsagePlanKey {
        id: Some(key.id.clone()),
        type_: Some("API_KEY".to_owned()),
        value: Some(key.value.clone()),
        name: key.name.clone(),
    }
}

/// Does what the patches say.
pub(crate) async fn apply(tx: &mut Tx, plan: &mut UsagePlanRecord, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        let target = Target::of(patch)?;
        match (target, patch.op) {
            (Target::Name, _) => plan.name = patch.filled().ok_or(Error::EmptyPlanName)?,
            (Target::Description, _) => plan.description = patch.filled(),
            (Target::ProductCode, Op::Remove) => plan.product_code = None,
            (Target::ProductCode, _) => plan.product_code = patch.filled(),
            (Target::Stages, Op::Remove) => remove_stage(plan, patch.text())?,
            (Target::Stages, _) => {
                let (api_id, stage) = split(patch.text())?;
                add_stage(tx, plan, api_id.to_owned(), stage.to_owned()).await?;
            }
            (Target::Throttle, _) => plan.throttle = None,
            (Target::ThrottleLimit(limit), _) => {
                set(plan.throttle.get_or_insert_default(), limit, patch)?;
            }
            (Target::Quota, _) => plan.quota = None,
            (Target::QuotaLimit, _) => quota_of(plan).limit = integer(patch)?,
            (Target::QuotaOffset, _) => quota_of(plan).offset = integer(patch)?,
            (Target::QuotaPeriod, _) => quota_of(plan).period = patch.text().to_owned(),
            (Target::StageThrottle(of), Op::Remove) => stage_of(plan, &of)?.throttle.clear(),
            (Target::StageThrottle(of), _) => {
                let text = patch.text();
                let parsed: BTreeMap<String, WireLimits> =
                    serde_json::from_str(text).map_err(|_| patch.misfit("a map of limits is expected"))?;
                let limits = parsed.into_iter().map(|(method, limits)| (method, limits.into())).collect();
                stage_of(plan, &of)?.throttle = methods(limits);
            }
            (Target::MethodThrottle { stage, method }, _) => {
                let removed = stage_of(plan, &stage)?.throttle.remove(&method);
                removed.ok_or(Error::NoMethodThrottle(method))?;
            }
            (Target::MethodLimit { stage, method, limit }, _) => {
                set(stage_of(plan, &stage)?.throttle.entry(method).or_default(), limit, patch)?;
            }
        }
    }
    check(plan)
}

/// Writes the plan, and what the data plane needs of it.
pub(crate) async fn put(cx: &Cx, tx: &mut Tx, plan: &UsagePlanRecord) -> Result<(), Error> {
    tx.put(plan)?;
    let shown = PublishedUsagePlan {
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        id: plan.id.clone(),
        stages: plan.stages.clone(),
        throttle: plan.throttle.clone(),
        quota: plan.quota.clone(),
    };
    published::replace(cx, tx, &shown).await
}

/// Removes the plan everywhere; its keys stay.
pub(crate) async fn delete(cx: &Cx, tx: &mut Tx, plan: &UsagePlanRecord) -> Result<(), Error> {
    if let Some(stage) = plan.stages.first() {
        let stage = format!("{}:{}", stage.api_id, stage.stage);
        return Err(Error::PlanHasStages { plan: plan.id.clone(), stage });
    }
    for of in tables::plan_keys(tx, &plan.id).await? {
        let mut key = tables::api_key(tx, &of.key_id).await?;
        key.plan_ids.retain(|id| *id != plan.id);
        crate::api_key::put(cx, tx, &key)?;
        tx.delete::<PlanKeyRecord>(&of.key());
    }
    tx.delete::<UsagePlanRecord>(&plan.key());
    published::retract::<PublishedUsagePlan>(cx, tx, &published_plan_key(cx.account(), cx.region(), &plan.id))
        .await
}

/// Puts a key into a plan.
pub(crate) async fn subscribe(
    cx: &Cx,
    tx: &mut Tx,
    plan: &mut UsagePlanRecord,
    key: &mut ApiKeyRecord,
) -> Result<(), Error> {
    if key.plan_ids.contains(&plan.id) {
        return Err(Error::KeyInPlan { key: key.id.clone(), plan: plan.id.clone() });
    }
    if key.plan_ids.len() >= tables::PLANS_OF_KEY_MAX {
        return Err(Error::TooManyPlans);
    }
    check_one_plan_a_stage(tx, plan, key).await?;
    key.plan_ids.push(plan.id.clone());
    plan.revision += 1;
    tx.put(plan)?;
    tx.put(&PlanKeyRecord { plan_id: plan.id.clone(), key_id: key.id.clone() })?;
    crate::api_key::put(cx, tx, key)
}

/// Takes a key out of a plan.
pub(crate) fn unsubscribe(
    cx: &Cx,
    tx: &mut Tx,
    plan: &mut UsagePlanRecord,
    key: &mut ApiKeyRecord,
) -> Result<(), Error> {
    let record = PlanKeyRecord { plan_id: plan.id.clone(), key_id: key.id.clone() };
    key.plan_ids.retain(|id| *id != plan.id);
    plan.revision += 1;
    tx.put(plan)?;
    tx.delete::<PlanKeyRecord>(&record.key());
    crate::api_key::put(cx, tx, key)
}

/// An error if one of the plan's keys has another plan for one of the plan's stages.
pub(crate) async fn check_keys(tx: &mut Tx, plan: &UsagePlanRecord) -> Result<(), Error> {
    for of in tables::plan_keys(tx, &plan.id).await? {
        let key = tables::api_key(tx, &of.key_id).await?;
        check_one_plan_a_stage(tx, plan, &key).await?;
    }
    Ok(())
}

/// Takes stages of an API that are no more out of all plans: one, or all.
pub(crate) async fn forget_stage(
    cx: &Cx,
    tx: &mut Tx,
    api_id: &str,
    stage: Option<&str>,
) -> Result<(), Error> {
    let is_gone = |of: &PlanStage| of.api_id == api_id && stage.is_none_or(|stage| stage == of.stage);
    for listed in tables::usage_plans(tx).await? {
        if listed.stages.iter().any(is_gone) {
            let mut plan = tables::usage_plan(tx, &listed.id).await?;
            plan.stages.retain(|of| !is_gone(of));
            put(cx, tx, &plan).await?;
        }
    }
    Ok(())
}

async fn check_one_plan_a_stage(
    tx: &mut Tx,
    plan: &UsagePlanRecord,
    key: &ApiKeyRecord,
) -> Result<(), Error> {
    for other in key.plan_ids.iter().filter(|id| **id != plan.id) {
        let other = tables::usage_plan(tx, other).await?;
        let is_same = |one: &PlanStage, two: &PlanStage| one.api_id == two.api_id && one.stage == two.stage;
        let shared = plan.stages.iter().find(|one| other.stages.iter().any(|two| is_same(one, two)));
        if let Some(shared) = shared {
            return Err(Error::SeveralPlans {
                plan: plan.id.clone(),
                key: key.id.clone(),
                stage: format!("{}:{}", shared.api_id, shared.stage),
            });
        }
    }
    Ok(())
}

async fn add_stage(
    tx: &mut Tx,
    plan: &mut UsagePlanRecord,
    api_id: String,
    stage: String,
) -> Result<(), Error> {
    let missing = || Error::NoApiStage(format!("{api_id}:{stage}"));
    tables::stage(tx, &api_id, &stage).await?.ok_or_else(missing)?;
    if plan.stages.iter().any(|of| of.api_id == api_id && of.stage == stage) {
        return Err(Error::ApiStageExists(format!("{api_id}:{stage}")));
    }
    plan.stages.push(PlanStage { api_id, stage, throttle: BTreeMap::new() });
    if plan.stages.len() > STAGES_MAX { Err(Error::TooMany("stages of a usage plan")) } else { Ok(()) }
}

fn remove_stage(plan: &mut UsagePlanRecord, name: &str) -> Result<(), Error> {
    let (api_id, stage) = split(name)?;
    let count = plan.stages.len();
    plan.stages.retain(|of| of.api_id != api_id || of.stage != stage);
    if plan.stages.len() == count { Err(Error::NoApiStage(name.to_owned())) } else { Ok(()) }
}

/// `{API}:{stage}`.
fn split(name: &str) -> Result<(&str, &str), Error> {
    let parts = name.split_once(':').filter(|(api, stage)| !api.is_empty() && !stage.is_empty());
    parts.ok_or(Error::ApiStage)
}

fn stage_of<'a>(plan: &'a mut UsagePlanRecord, name: &str) -> Result<&'a mut PlanStage, Error> {
    let (api_id, stage) = split(name)?;
    let found = plan.stages.iter_mut().find(|of| of.api_id == api_id && of.stage == stage);
    found.ok_or_else(|| Error::NoApiStage(name.to_owned()))
}

fn quota_of(plan: &mut UsagePlanRecord) -> &mut Quota {
    plan.quota.get_or_insert_default()
}

fn set(limits: &mut RateAndBurst, limit: Limit, patch: &Patch) -> Result<(), Error> {
    match limit {
        Limit::Burst => limits.burst = integer(patch)?,
        Limit::Rate => {
            let rate = patch.text().parse::<f64>().ok().filter(|rate| rate.is_finite());
            limits.rate = rate.ok_or_else(|| patch.misfit("a number is expected"))?;
        }
    }
    Ok(())
}

fn integer(patch: &Patch) -> Result<i64, Error> {
    patch.text().parse().map_err(|_| patch.misfit("an integer is expected"))
}

fn rate_and_burst(limits: &ThrottleSettings) -> RateAndBurst {
    RateAndBurst {
        rate: limits.rate_limit.unwrap_or_default(),
        burst: limits.burst_limit.unwrap_or_default(),
    }
}

fn settings(limits: &RateAndBurst) -> ThrottleSettings {
    ThrottleSettings { burst_limit: Some(limits.burst), rate_limit: Some(limits.rate) }
}

fn quota(given: QuotaSettings) -> Quota {
    Quota {
        limit: given.limit.unwrap_or_default(),
        offset: given.offset.unwrap_or_default(),
        period: given.period.unwrap_or_default(),
    }
}

fn methods(given: BTreeMap<String, ThrottleSettings>) -> BTreeMap<String, RateAndBurst> {
    given.iter().map(|(method, limits)| (paths::method(method), rate_and_burst(limits))).collect()
}

fn check(plan: &UsagePlanRecord) -> Result<(), Error> {
    let methods = || plan.stages.iter().flat_map(|stage| stage.throttle.values());
    if plan.throttle.iter().chain(methods()).any(|limits| limits.rate < 0.0 || limits.burst < 0) {
        return Err(Error::NegativeThrottle);
    }
    if plan.stages.iter().any(|stage| stage.throttle.len() > METHODS_MAX) {
        return Err(Error::TooMany("methods of a usage plan"));
    }
    let Some(quota) = &plan.quota else { return Ok(()) };
    if quota.limit < 0 {
        return Err(Error::QuotaLimit);
    }
    match (quota.period.as_str(), quota.offset) {
        ("DAY", 0) | ("WEEK", 0..=6) | ("MONTH", 0..=27) => Ok(()),
        ("DAY", _) => Err(Error::QuotaOffset("must be zero in the DAY period")),
        ("WEEK", _) => Err(Error::QuotaOffset("must be between 0 and 6 inclusive in the WEEK period")),
        ("MONTH", _) => Err(Error::QuotaOffset("must be between 0 and 27 inclusive in the MONTH period")),
        _ => Err(Error::Enumeration { name: "QuotaPeriodType", options: "DAY,WEEK,MONTH" }),
    }
}

/// Limits as a patch's value writes them.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireLimits {
    burst_limit: Option<i64>,
    rate_limit: Option<f64>,
}

impl From<WireLimits> for ThrottleSettings {
    fn from(limits: WireLimits) -> ThrottleSettings {
        ThrottleSettings { burst_limit: limits.burst_limit, rate_limit: limits.rate_limit }
    }
}
