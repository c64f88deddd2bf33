//! Custom domain names: which API and stage a request to one is for.
//!
//! All published names are kept in memory, because each request to a host that is not the server's own is looked up here; a change of
//! any makes the next request read them again, before the change is acknowledged to its client.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::key::Part;
use kernel::store::{Store, WatchGuard};
use kernel::{Fault, Key, Record, Tx};
use plan::definition::{PUBLISHED_SERVICE, published_scope};
use plan::domain::PublishedDomain;

use crate::limits::DOMAINS_MAX;

type Names = Arc<HashMap<String, Arc<PublishedDomain>>>;

/// The published domain names.
pub(crate) struct Domains {
    store: Arc<dyn Store>,
    shelf: Arc<RwLock<Shelf>>,
    _watch: WatchGuard,
}

#[derive(Default)]
struct Shelf {
    /// `None` until they are read, and after a change.
    names: Option<Names>,
    /// Grows with every change, so that what was read before it is not kept.
    changes: u64,
}

impl Domains {
    pub(crate) fn new(store: Arc<dyn Store>) -> Domains {
        let shelf = Arc::new(RwLock::new(Shelf::default()));
        let forgetful = Arc::clone(&shelf);
        let prefix = published_scope().space(PUBLISHED_SERVICE);
        let watch = store.watch(prefix, Arc::new(move |keys| forget(&forgetful, keys)));
        Domains { store, shelf, _watch: watch }
    }

    /// The domain name that a host, with or without a port, is; of a wildcard name if there is none of its own.
    pub(crate) async fn find(&self, host: &str) -> Result<Option<Arc<PublishedDomain>>, Fault> {
        let names = self.names().await?;
        if names.is_empty() {
            return Ok(None);
        }
        let host = plain(host);
        let wildcard = || host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        Ok(names.get(&host).or_else(|| names.get(&wildcard()?)).cloned())
    }

    async fn names(&self) -> Result<Names, Fault> {
        let changes = {
            let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(names) = &shelf.names {
                return Ok(Arc::clone(names));
            }
            shelf.changes
        };
        let tx = Tx::new(Arc::clone(&self.store), published_scope().space(PUBLISHED_SERVICE));
        let all = tx.list::<PublishedDomain>(&Key::new(), None, DOMAINS_MAX).await?;
        let names: Names = Arc::new(all.into_iter().map(|one| (one.name.clone(), Arc::new(one))).collect());
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        if shelf.changes == changes {
            shelf.names = Some(Arc::clone(&names));
        }
        Ok(names)
    }
}

/// A host without its port and a final dot, in lower case.
pub(crate) fn plain(host: &str) -> String {
    let name = host.split(':').next().unwrap_or_default();
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn forget(shelf: &RwLock<Shelf>, keys: &[Key]) {
    // service, account, region, table, name
    let is_domain =
        |key: &Key| matches!(key.parts().get(3), Some(Part::Text(table)) if *table == PublishedDomain::TABLE);
    if keys.iter().any(is_domain) {
        let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
        shelf.changes += 1;
        shelf.names = None;
    }
}

#[cfg(test)]
mod tests;
