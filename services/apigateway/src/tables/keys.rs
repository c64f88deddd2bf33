//! API keys, usage plans, and which keys are in which plans.
//!
//! A key's record names its plans, and a record per pair names the keys of a plan; both are written in one commit. What the data plane
//! needs of them is written beside, in the published space.

use kernel::{Key, Record, Tx};
use plan::definition::{PlanStage, Quota, RateAndBurst, Strings};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Most API keys in an account and region (AWS: 10,000).
pub(crate) const API_KEYS_MAX: usize = 10_000;
/// Most usage plans in an account and region (AWS: 300 unless raised).
pub(crate) const USAGE_PLANS_MAX: usize = 1_000;
/// Most usage plans that one key is in (AWS: 10).
pub(crate) const PLANS_OF_KEY_MAX: usize = 10;

/// An API key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ApiKeyRecord {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) name: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) is_enabled: bool,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    /// `{API}/{stage}`.
    pub(crate) stage_keys: Vec<String>,
    pub(crate) tags: Strings,
    /// The usage plans that the key is in.
    pub(crate) plan_ids: Vec<String>,
}

impl Record for ApiKeyRecord {
    const TABLE: &'static str = "api-keys";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

/// A usage plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UsagePlanRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) stages: Vec<PlanStage>,
    pub(crate) throttle: Option<RateAndBurst>,
    pub(crate) quota: Option<Quota>,
    pub(crate) product_code: Option<String>,
    pub(crate) tags: Strings,
    /// Counts the keys that came and went.
    pub(crate) revision: u64,
}

impl Record for UsagePlanRecord {
    const TABLE: &'static str = "usage-plans";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

/// A key that is in a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PlanKeyRecord {
    pub(crate) plan_id: String,
    pub(crate) key_id: String,
}

impl Record for PlanKeyRecord {
    const TABLE: &'static str = "usage-plan-keys";
    fn key(&self) -> Key {
        Key::new().text(&self.plan_id).text(&self.key_id)
    }
}

/// One API key.
pub(crate) async fn api_key(tx: &mut Tx, id: &str) -> Result<ApiKeyRecord, Error> {
    tx.get(&Key::new().text(id)).await?.ok_or(Error::NoApiKey)
}

/// All API keys of the account in the region.
pub(crate) async fn api_keys(tx: &Tx) -> Result<Vec<ApiKeyRecord>, Error> {
    Ok(tx.list(&Key::new(), None, API_KEYS_MAX + 1).await?)
}

/// One usage plan.
pub(crate) async fn usage_plan(tx: &mut Tx, id: &str) -> Result<UsagePlanRecord, Error> {
    tx.get(&Key::new().text(id)).await?.ok_or(Error::NoUsagePlan)
}

/// All usage plans of the account in the region.
pub(crate) async fn usage_plans(tx: &Tx) -> Result<Vec<UsagePlanRecord>, Error> {
    Ok(tx.list(&Key::new(), None, USAGE_PLANS_MAX + 1).await?)
}

/// The keys of a plan, by id.
pub(crate) async fn plan_keys(tx: &Tx, plan_id: &str) -> Result<Vec<PlanKeyRecord>, Error> {
    Ok(tx.list(&Key::new().text(plan_id), None, API_KEYS_MAX + 1).await?)
}
