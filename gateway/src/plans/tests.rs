//! Plans follow what is published, also when it changes while one is being compiled.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::store::{Batch, Entry, Position, Range, Snapshot, StoreError, Version, Watcher};
use store_memory::MemoryStore;

use super::*;

/// A store that pauses in each read after it has read.
struct Pausing(MemoryStore);

struct PausingSnapshot(Arc<dyn Snapshot>);

impl Store for Pausing {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        Arc::new(PausingSnapshot(self.0.snapshot()))
    }
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Version, StoreError>> {
        self.0.commit(batch)
    }
    fn watch(&self, prefix: Key, watcher: Watcher) -> WatchGuard {
        self.0.watch(prefix, watcher)
    }
}

impl Snapshot for PausingSnapshot {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StoreError>> {
        async move {
            let entry = self.0.get(key).await;
            tokio::task::yield_now().await;
            entry
        }
        .boxed()
    }
    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Entry>>, StoreError>> {
        self.0.get_many(keys)
    }
    fn range(&self, range: Range) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.0.range(range)
    }
    fn events<'a>(
        &'a self,
        topic: &'a str,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<(Position, bytes::Bytes)>, StoreError>> {
        self.0.events(topic, after, limit)
    }
}

async fn publish(store: &MemoryStore, api_id: &str, stage: &str, deployment: &str) {
    let mut tx = Tx::new(Arc::new(store.clone()), published_scope().space(PUBLISHED_SERVICE));
    let mut published = PublishedDeployment { id: deployment.to_owned(), ..PublishedDeployment::default() };
    published.api.id = api_id.to_owned();
    tx.put(&published).unwrap();
    tx.put(&PublishedStage {
        api_id: api_id.to_owned(),
        stage_name: stage.to_owned(),
        deployment_id: deployment.to_owned(),
        ..PublishedStage::default()
    })
    .unwrap();
    tx.commit().await.unwrap();
}

async fn delete(store: &MemoryStore, api_id: &str, stage: &str) {
    let mut tx = Tx::new(Arc::new(store.clone()), published_scope().space(PUBLISHED_SERVICE));
    tx.delete::<PublishedStage>(&published_key(api_id, stage));
    tx.commit().await.unwrap();
}

/// The deployment that requests to this stage meet.
async fn met(plans: &Plans, api_id: &str, stage: &str) -> Option<String> {
    plans.find(api_id, stage).await.unwrap().map(|staged| staged.main.stage.deployment_id.clone())
}

#[tokio::test]
async fn whoever_publishes_meets_what_was_published() {
    let store = MemoryStore::new();
    let plans = Plans::new(Arc::new(store.clone()));
    assert_eq!(met(&plans, "a", "prod").await, None);
    publish(&store, "a", "prod", "d1").await;
    publish(&store, "b", "prod", "d1").await;
    assert_eq!(met(&plans, "a", "prod").await.as_deref(), Some("d1"));
    let kept = plans.find("b", "prod").await.unwrap().unwrap();
    publish(&store, "a", "prod", "d2").await;
    assert_eq!(met(&plans, "a", "prod").await.as_deref(), Some("d2"));
    assert!(
        Arc::ptr_eq(&kept, &plans.find("b", "prod").await.unwrap().unwrap()),
        "the other API's plan stays"
    );
    delete(&store, "a", "prod").await;
    assert_eq!(met(&plans, "a", "prod").await, None);
    assert_eq!(plans.cache.read().unwrap().count, 1);
}

#[tokio::test]
async fn a_change_while_a_plan_is_compiled() {
    let store = MemoryStore::new();
    let plans = Plans::new(Arc::new(Pausing(store.clone())));
    publish(&store, "a", "prod", "d1").await;
    let mut finding = Box::pin(plans.find("a", "prod"));
    assert!(finding.as_mut().now_or_never().is_none(), "the read pauses");
    publish(&store, "a", "prod", "d2").await;
    finding.await.unwrap().expect("either deployment may answer a request of that moment");
    assert_eq!(met(&plans, "a", "prod").await.as_deref(), Some("d2"), "but the old one is not kept");
}
