//! AWS Identity and Access Management: users, groups, roles, policies, access keys, and what the rest of the house asks of them.
//!
//! Documents are answered as they were sent. A secret is answered once, when it is made. A name is taken in any mix of case. Every change is seen by the
//! next request of the process that acknowledged it.
//!
//! Known gaps: console passwords, MFA, certificates, SSH keys, SAML and OpenID providers, credential and access reports are not implemented. `RoleLastUsed`
//! stays empty and `GetAccessKeyLastUsed` is missing, because uses are not recorded. The resource of an action is authorized by its name without its path.

mod cache;
mod credentials;
mod details;
mod documents;
mod entities;
mod error;
pub mod generated;
mod holder;
mod identities;
mod linked;
mod managed;
mod ops;
mod page;
mod resources;
mod shapes;
mod simulate;
mod tags;
mod tasks;
#[cfg(test)]
mod testing;
mod versions;

use std::sync::Arc;

use kernel::identity::Identities;
use kernel::store::WatchGuard;
use kernel::{Fault, Host, Key, Service, Task};

pub use error::Error;

use crate::cache::Cache;
use crate::credentials::{AccessKey, RootMade};
use crate::identities::Directory;

/// The service's state.
pub struct Iam {
    /// Ends when the service does.
    _watches: Vec<WatchGuard>,
}

/// What IAM brings into the house: the service, what the other rooms ask of it, and its tasks.
pub type Parts = (Service<Iam>, Arc<dyn Identities>, Vec<Arc<dyn Task>>);

/// Builds IAM.
pub fn service(host: &Arc<Host>) -> Parts {
    let cache = Arc::new(Cache::default());
    let watch = |prefix: Key| {
        let cache = Arc::clone(&cache);
        host.store.watch(prefix, Arc::new(move |_| cache.clear()))
    };
    let keys = credentials::space().text(<AccessKey as kernel::Record>::TABLE);
    let watches = vec![watch(Key::new().text("iam")), watch(keys)];
    let directory = Arc::new(Directory::new(host, cache));
    let service = Service::global("iam", Arc::new(Iam { _watches: watches }), ops::table());
    (service, directory, vec![Arc::new(tasks::SweepSessions)])
}

/// Makes the root credentials of the default account, if they were never made before: access key and secret, which are not shown again.
pub async fn ensure_root(host: &Host) -> Result<Option<(String, String)>, Fault> {
    let account = host.default_account.clone();
    let mut tx = credentials::begin(host);
    if tx.get::<RootMade>(&Key::new().text(&account)).await?.is_some() {
        return Ok(None);
    }
    let key = AccessKey {
        id: credentials::key_id(host, "AKIA"),
        secret: credentials::secret(host),
        account: account.clone(),
        user: None,
        is_active: true,
        created_ms: host.clock.now_ms(),
    };
    tx.put(&key)?;
    tx.put(&RootMade { account, access_key: key.id.clone() })?;
    tx.commit().await?;
    Ok(Some((key.id, key.secret)))
}
