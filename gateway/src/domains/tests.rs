//! Names follow what is published.

use store_memory::MemoryStore;

use super::*;

async fn publish(store: &MemoryStore, name: &str) {
    let mut tx = Tx::new(Arc::new(store.clone()), published_scope().space(PUBLISHED_SERVICE));
    tx.put(&PublishedDomain { name: name.to_owned(), ..PublishedDomain::default() }).unwrap();
    tx.commit().await.unwrap();
}

async fn check(domains: &Domains, host: &str, expect: Option<&str>) {
    let found = domains.find(host).await.unwrap();
    assert_eq!(found.as_ref().map(|domain| domain.name.as_str()), expect, "{host}");
}

#[tokio::test]
async fn names_are_found_as_soon_as_they_are_published() {
    let store = MemoryStore::new();
    let domains = Domains::new(Arc::new(store.clone()));
    check(&domains, "api.example.com", None).await;
    publish(&store, "*.example.com").await;
    check(&domains, "API.example.com:4566", Some("*.example.com")).await;
    publish(&store, "api.example.com").await;
    check(&domains, "api.example.com.", Some("api.example.com")).await;
    check(&domains, "a.b.example.com", None).await;
    check(&domains, "example.com", None).await;
}
