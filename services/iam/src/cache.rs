//! What is looked up for every request: credentials and policies, kept until the store tells of a change.
//!
//! An answer is only kept if nothing changed while it was read, so a cache never holds what is older than the last change its process saw.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::identity::{Credential, PrincipalPolicies};

/// Most entries of each kind; beyond it the cache starts anew.
const ENTRIES_MAX: usize = 10_000;

/// The cache.
#[derive(Default)]
pub struct Cache(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    generation: u64,
    credentials: HashMap<String, Option<Credential>>,
    policies: HashMap<String, PrincipalPolicies>,
}

impl Cache {
    /// Forgets everything: something changed.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.generation += 1;
        inner.credentials.clear();
        inner.policies.clear();
    }

    /// A credential that is known (or known not to be), or the generation under which to look it up.
    pub fn credential(&self, access_key: &str) -> Result<Option<Credential>, u64> {
        let inner = self.lock();
        inner.credentials.get(access_key).cloned().ok_or(inner.generation)
    }

    /// Policies that are known, or the generation under which to look them up.
    pub fn policies(&self, principal: &str) -> Result<PrincipalPolicies, u64> {
        let inner = self.lock();
        inner.policies.get(principal).cloned().ok_or(inner.generation)
    }

    /// Keeps a credential that was looked up under `generation`.
    pub fn keep_credential(&self, access_key: &str, credential: Option<Credential>, generation: u64) {
        let mut inner = self.lock();
        if inner.generation == generation {
            if inner.credentials.len() >= ENTRIES_MAX {
                inner.credentials.clear();
            }
            inner.credentials.insert(access_key.to_owned(), credential);
        }
    }

    /// Keeps policies that were looked up under `generation`.
    pub fn keep_policies(&self, principal: &str, policies: PrincipalPolicies, generation: u64) {
        let mut inner = self.lock();
        if inner.generation == generation {
            if inner.policies.len() >= ENTRIES_MAX {
                inner.policies.clear();
            }
            inner.policies.insert(principal.to_owned(), policies);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A panic while it is held leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
