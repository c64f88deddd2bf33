//! The plans of published stages, compiled at their first request and swapped when the control plane publishes anew.
//!
//! A watch on the published records forgets what changed before the change is acknowledged to its client, so that whoever deploys and
//! then calls always meets the new deployment.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::key::Part;
use kernel::store::{Store, WatchGuard};
use kernel::{Entropy, Fault, Key, Tx};
use plan::Plan;
use plan::definition::{
    PUBLISHED_SERVICE, PublishedDeployment, PublishedStage, published_key, published_scope,
};

use crate::limits::PLANS_MAX;

type Cache = Arc<RwLock<Shelf>>;

/// Compiled plans.
pub(crate) struct Plans {
    store: Arc<dyn Store>,
    cache: Cache,
    _watch: WatchGuard,
}

/// What a stage serves: its deployment, and that of its canary release if it has one.
pub(crate) struct Staged {
    main: Arc<Plan>,
    canary: Option<Canary>,
}

struct Canary {
    plan: Arc<Plan>,
    /// Share of the requests, 0 to 1.
    share: f64,
}

impl Staged {
    /// The plan of one request: a canary's in its share of the cases (AWS: each request is decided for itself, at random).
    pub(crate) fn choose(&self, entropy: &dyn Entropy) -> Arc<Plan> {
        match &self.canary {
            Some(canary) if entropy.fraction() < canary.share => Arc::clone(&canary.plan),
            _ => Arc::clone(&self.main),
        }
    }
}

#[derive(Default)]
struct Shelf {
    by_api: HashMap<String, HashMap<String, Arc<Staged>>>,
    count: usize,
    /// Grows with every change, so that a plan compiled from what was read before it is not kept.
    changes: u64,
}

impl Plans {
    pub(crate) fn new(store: Arc<dyn Store>) -> Plans {
        let cache = Cache::default();
        let forgetful = Arc::clone(&cache);
        let prefix = published_scope().space(PUBLISHED_SERVICE);
        let watch = store.watch(prefix, Arc::new(move |keys| forget(&forgetful, keys)));
        Plans { store, cache, _watch: watch }
    }

    /// What a stage serves; `None` if there is no such API or stage.
    pub(crate) async fn find(&self, api_id: &str, stage: &str) -> Result<Option<Arc<Staged>>, Fault> {
        let changes = {
            let shelf = self.cache.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(plan) = shelf.by_api.get(api_id).and_then(|stages| stages.get(stage)) {
                return Ok(Some(Arc::clone(plan)));
            }
            shelf.changes
        };
        let tx = Tx::new(Arc::clone(&self.store), published_scope().space(PUBLISHED_SERVICE));
        let Some(published) = tx.peek::<PublishedStage>(&published_key(api_id, stage)).await? else {
            return Ok(None);
        };
        let Some(deployment) = snapshot(&tx, api_id, &published.deployment_id).await? else {
            return Ok(None);
        };
        let canary = match &published.canary {
            None => None,
            Some(canary) => {
                let share = canary.percent_traffic / 100.0;
                let deployment = snapshot(&tx, api_id, &canary.deployment_id).await?;
                let plan = |deployment| Arc::new(Plan::compile_canary(published.clone(), canary, deployment));
                deployment.map(|deployment| Canary { plan: plan(deployment), share })
            }
        };
        let staged = Arc::new(Staged { main: Arc::new(Plan::compile(published, deployment)), canary });
        self.keep(changes, api_id, stage, &staged);
        Ok(Some(staged))
    }

    fn keep(&self, changes: u64, api_id: &str, stage: &str, staged: &Arc<Staged>) {
        let mut shelf = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        if shelf.changes != changes {
            return;
        }
        if shelf.count >= PLANS_MAX {
            shelf.by_api.clear();
            shelf.count = 0;
        }
        let stages = shelf.by_api.entry(api_id.to_owned()).or_default();
        if stages.insert(stage.to_owned(), Arc::clone(staged)).is_none() {
            shelf.count += 1;
        }
    }
}

async fn snapshot(tx: &Tx, api_id: &str, deployment_id: &str) -> Result<Option<PublishedDeployment>, Fault> {
    tx.peek(&published_key(api_id, deployment_id)).await
}

/// Forgets the plans of every API that a change names.
fn forget(cache: &Cache, keys: &[Key]) {
    let mut shelf = cache.write().unwrap_or_else(PoisonError::into_inner);
    shelf.changes += 1;
    for key in keys {
        // service, account, region, table, API, stage or deployment
        if let Some(Part::Text(api_id)) = key.parts().get(4)
            && let Some(stages) = shelf.by_api.remove(api_id)
        {
            shelf.count -= stages.len();
        }
    }
}

#[cfg(test)]
mod tests;
