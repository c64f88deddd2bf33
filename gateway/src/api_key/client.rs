//! API keys with the usage plans behind them, ready for use.
//!
//! Kept by value until a record of a key or plan changes. A key that is unknown is not remembered, so that guesses take no room.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::key::Part;
use kernel::store::{Store, WatchGuard};
use kernel::{Fault, Key, Record, Tx};
use plan::Method;
use plan::definition::{
    PUBLISHED_SERVICE, PublishedApiKey, PublishedStage, PublishedUsagePlan, RateAndBurst, UsageRecord,
    published_key_of_value, published_plan_key, published_scope,
};

use crate::Gateway;
use crate::limits::KEYS_MAX;
use crate::throttle::Bucket;
use crate::usage::{Ledger, Usage};

/// A key at one stage, and the plan that opens it there.
pub(crate) struct Client {
    pub(crate) key_id: String,
    pub(crate) plan_id: String,
    /// 0 without a quota.
    pub(crate) quota_limit: i64,
    pub(crate) ledger: Arc<Ledger>,
    throttle: Option<Arc<Bucket>>,
    /// By `{resource path}/{METHOD}`.
    methods: HashMap<String, Arc<Bucket>>,
}

impl Client {
    /// The client's buckets for a method: that of the method, and that of everything.
    pub(crate) fn buckets(&self, method: &Method) -> (Option<&Bucket>, Option<&Bucket>) {
        let own = match self.methods.is_empty() {
            true => None,
            false => self.methods.get(&format!("{}/{}", method.resource_path, method.http_method)),
        };
        (own.map(Arc::as_ref), self.throttle.as_deref())
    }
}

/// A key as it was found.
struct Entry {
    account: String,
    region: String,
    /// API and stage, and who the key is there.
    stages: Vec<((String, String), Arc<Client>)>,
}

#[derive(Default)]
struct Shelf {
    /// By value; a value may be a key in several accounts and regions.
    entries: HashMap<String, Vec<Arc<Entry>>>,
    count: usize,
    /// Grows with every change, so that what was read before it is not kept.
    changes: u64,
}

/// All keys.
pub(crate) struct Keys {
    shelf: Arc<RwLock<Shelf>>,
    _watch: WatchGuard,
}

impl Keys {
    /// Keys of this store; changed records of usage are told to `usage`.
    pub(crate) fn new(store: &dyn Store, usage: &Arc<Usage>) -> Keys {
        let shelf = Arc::<RwLock<Shelf>>::default();
        let (forgetful, usage) = (Arc::clone(&shelf), Arc::clone(usage));
        let prefix = published_scope().space(PUBLISHED_SERVICE);
        let watch = store.watch(prefix, Arc::new(move |keys| forget(&forgetful, &usage, keys)));
        Keys { shelf, _watch: watch }
    }

    /// Whom a key stands for at a stage; `None` if there is no such key, it is disabled, or no plan of it has that stage.
    pub(crate) async fn find(
        &self,
        gateway: &Gateway,
        stage: &PublishedStage,
        value: &str,
    ) -> Result<Option<Arc<Client>>, Fault> {
        let changes = {
            let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
            let entries = shelf.entries.get(value).map(Vec::as_slice).unwrap_or_default();
            if let Some(entry) = entries.iter().find(|entry| entry.is_of(stage)) {
                return Ok(entry.at(stage));
            }
            shelf.changes
        };
        let tx = Tx::new(Arc::clone(&gateway.host.store), published_scope().space(PUBLISHED_SERVICE));
        let key = published_key_of_value(&stage.account, &stage.region, value);
        let Some(key) = tx.peek::<PublishedApiKey>(&key).await? else { return Ok(None) };
        let entry = Arc::new(open(gateway, &tx, &key).await?);
        let client = entry.at(stage);
        self.keep(changes, value, entry);
        Ok(client)
    }

    fn keep(&self, changes: u64, value: &str, entry: Arc<Entry>) {
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        if shelf.changes != changes {
            return;
        }
        if shelf.count >= KEYS_MAX {
            shelf.entries.clear();
            shelf.count = 0;
        }
        let entries = shelf.entries.entry(value.to_owned()).or_default();
        // Two requests may have looked the key up at once.
        if !entries.iter().any(|known| known.account == entry.account && known.region == entry.region) {
            entries.push(entry);
            shelf.count += 1;
        }
    }
}

impl Entry {
    fn is_of(&self, stage: &PublishedStage) -> bool {
        self.account == stage.account && self.region == stage.region
    }

    fn at(&self, stage: &PublishedStage) -> Option<Arc<Client>> {
        let is_it = |of: &(String, String)| of.0 == stage.api_id && of.1 == stage.stage_name;
        self.stages.iter().find(|(of, _)| is_it(of)).map(|(_, client)| Arc::clone(client))
    }
}

/// A key with its plans; without any if it is disabled.
async fn open(gateway: &Gateway, tx: &Tx, key: &PublishedApiKey) -> Result<Entry, Fault> {
    let mut entry = Entry { account: key.account.clone(), region: key.region.clone(), stages: Vec::new() };
    let plan_ids = if key.is_enabled { key.plan_ids.as_slice() } else { &[] };
    for id in plan_ids {
        let plan = tx.peek::<PublishedUsagePlan>(&published_plan_key(&key.account, &key.region, id)).await?;
        if let Some(plan) = plan {
            entry.stages.extend(clients(gateway, key, &plan));
        }
    }
    Ok(entry)
}

/// The key at each stage of a plan.
fn clients(
    gateway: &Gateway,
    key: &PublishedApiKey,
    plan: &PublishedUsagePlan,
) -> Vec<((String, String), Arc<Client>)> {
    let now = gateway.host.clock.monotonic();
    let bucket = |limit: &RateAndBurst, of: &str| {
        let name = format!("key {} {}{of}", plan.id, key.id);
        gateway.buckets.get(name, (limit.rate, limit.burst), now)
    };
    let ledger = gateway.usage.ledger(&plan.id, &key.id, plan.quota.as_ref());
    let throttle = plan.throttle.as_ref().map(|limit| bucket(limit, ""));
    let stages = plan.stages.iter().map(|stage| {
        let (api, name) = (&stage.api_id, &stage.stage);
        let methods = stage.throttle.iter();
        let methods =
            methods.map(|(path, limit)| (path.clone(), bucket(limit, &format!(" {api} {name} {path}"))));
        let client = Client {
            key_id: key.id.clone(),
            plan_id: plan.id.clone(),
            quota_limit: plan.quota.as_ref().map_or(0, |quota| quota.limit),
            ledger: Arc::clone(&ledger),
            throttle: throttle.clone(),
            methods: methods.collect(),
        };
        ((api.clone(), name.clone()), Arc::new(client))
    });
    stages.collect()
}

/// Forgets a key that changed; all of them if a plan changed, which is rare.
fn forget(shelf: &RwLock<Shelf>, usage: &Usage, keys: &[Key]) {
    for key in keys {
        // service, account, region, table, and the record's own key
        let parts = key.parts();
        let texts: Vec<&str> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Number(_) => None,
            })
            .collect();
        match texts.as_slice() {
            [_, _, _, table, _, _, value, ..] if *table == PublishedApiKey::TABLE => {
                let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
                shelf.changes += 1;
                let gone = shelf.entries.remove(*value).map_or(0, |gone| gone.len());
                shelf.count -= gone;
            }
            [_, _, _, table, ..] if *table == PublishedUsagePlan::TABLE => {
                let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
                shelf.changes += 1;
                shelf.entries.clear();
                shelf.count = 0;
            }
            [_, _, _, table, plan_id, key_id, ..] if *table == UsageRecord::TABLE => {
                usage.changed(plan_id, key_id);
            }
            _ => {}
        }
    }
}
