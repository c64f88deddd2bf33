//! From the ARN that is called to the versions that may run: kept in memory, so that a warm call touches no store.
//!
//! What is kept is forgotten when the store tells of a change of that function, whoever made it, before the change is acknowledged
//! in this process. What was read while a change came in is used once and not kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::Host;
use kernel::functions::FunctionVersion;
use kernel::key::{Key, Part};
use tokio::sync::watch;

use crate::access::Policy;
use crate::configuration::{Configuration, State, Update};
use crate::error::Error;
use crate::place::{LATEST, Place};
use crate::tables::{Alias, EventSettings, Function, Published, alias_key, function_key, version_key};

/// Most ARNs kept; beyond that all are forgotten and found again.
const KEPT_MAX: usize = 20_000;

/// A function as it is called: what may run, and who may call.
pub(crate) struct Resolved {
    pub place: Place,
    pub policy: Policy,
    /// What runs, and for an alias with weights the other version with its share.
    pub target: Arc<FunctionVersion>,
    pub second: Option<(Arc<FunctionVersion>, f64)>,
    /// Set while the code is being made ready or could not be.
    pub trouble: Option<Trouble>,
    pub events: EventSettings,
}

/// Why a version cannot run now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// Its code is being made ready for the first time.
    Pending,
    /// Its code or configuration was changed and is being made ready.
    Updating,
    /// It could not be made ready, and why.
    Failed(String),
}

impl Resolved {
    /// The version for one call.
    pub fn pick(&self, host: &Host) -> Arc<FunctionVersion> {
        match &self.second {
            Some((version, share)) if host.entropy.fraction() < *share => Arc::clone(version),
            _ => Arc::clone(&self.target),
        }
    }
}

/// What was found, by the ARN that was asked for.
pub(crate) struct Cache {
    kept: RwLock<HashMap<String, Arc<Resolved>>>,
    generation: AtomicU64,
    changes: watch::Sender<u64>,
}

impl Cache {
    pub fn new() -> Cache {
        Cache { kept: RwLock::default(), generation: AtomicU64::new(0), changes: watch::channel(0).0 }
    }

    /// Hears of every change of a function; what was seen before subscribing is not told again.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Forgets what a commit changed.
    pub fn forget(&self, keys: &[Key]) {
        let mut changed = Vec::new();
        for key in keys {
            let parts = key.parts();
            let [_, Part::Text(account), Part::Text(region), Part::Text(table), Part::Text(name), ..] =
                parts.as_slice()
            else {
                continue;
            };
            if matches!(table.as_str(), "functions" | "versions" | "aliases") {
                changed.push(format!("arn:aws:lambda:{region}:{account}:function:{name}"));
            }
        }
        if changed.is_empty() {
            return;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        kept.retain(|arn, _| !changed.iter().any(|changed| is_of(arn, changed)));
        drop(kept);
        self.changes.send_modify(|count| *count += 1);
    }

    /// What is kept of this ARN.
    pub fn get(&self, arn: &str) -> Option<Arc<Resolved>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    /// Finds what `arn` (that of `place`) stands for.
    pub async fn resolve(&self, host: &Host, arn: &str, place: &Place) -> Result<Arc<Resolved>, Error> {
        if let Some(found) = self.get(arn) {
            return Ok(found);
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let found = Arc::new(load(host, place).await?);
        if found.trouble.is_none() {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            if self.generation.load(Ordering::SeqCst) == generation {
                if kept.len() >= KEPT_MAX {
                    kept.clear();
                }
                kept.insert(arn.to_owned(), Arc::clone(&found));
            }
        }
        Ok(found)
    }
}

fn is_of(arn: &str, function: &str) -> bool {
    arn.strip_prefix(function).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// What a qualifier can be.
pub(crate) enum Qualifier<'a> {
    Latest,
    Number(u64),
    Alias(&'a str),
}

impl Qualifier<'_> {
    pub fn of(text: Option<&str>) -> Qualifier<'_> {
        match text {
            None | Some(LATEST) => Qualifier::Latest,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                // A number that is too large is one that no version has.
                Qualifier::Number(text.parse().unwrap_or(u64::MAX))
            }
            Some(text) => Qualifier::Alias(text),
        }
    }
}

async fn load(host: &Host, place: &Place) -> Result<Resolved, Error> {
    let tx = place.begin(host);
    let missing = || Error::FunctionNotFound(place.with_latest());
    let function: Function = tx.peek(&function_key(&place.name)).await?.ok_or_else(missing)?;
    let qualifier = place.qualifier.as_deref();
    let published = async |number: u64| -> Result<Published, Error> {
        tx.peek(&version_key(&place.name, number)).await?.ok_or_else(missing)
    };
    let events = function.events.get(qualifier.unwrap_or(LATEST)).cloned().unwrap_or_default();
    let resolved = |policy: &[serde_json::Value], configuration: &Configuration, version: &str| Resolved {
        place: place.clone(),
        policy: Policy::compile(policy),
        target: configuration.for_fleet(&function, place, version),
        second: None,
        trouble: trouble(configuration),
        events,
    };
    match Qualifier::of(qualifier) {
        Qualifier::Latest => Ok(resolved(&function.policy, &function.latest, LATEST)),
        Qualifier::Number(number) => {
            let version = published(number).await?;
            Ok(resolved(&version.policy, &version.configuration, &number.to_string()))
        }
        Qualifier::Alias(name) => {
            let alias: Alias = tx.peek(&alias_key(&place.name, name)).await?.ok_or_else(missing)?;
            let first = match Qualifier::of(Some(&alias.version)) {
                Qualifier::Number(number) => published(number).await?.configuration,
                _ => function.latest.clone(),
            };
            let mut resolved = resolved(&alias.policy, &first, &alias.version);
            if let Some((second, share)) = &alias.second {
                let number = second.parse().unwrap_or(u64::MAX);
                let configuration = published(number).await?.configuration;
                resolved.second = Some((configuration.for_fleet(&function, place, second), *share));
                resolved.trouble = resolved.trouble.or(trouble(&configuration));
            }
            Ok(resolved)
        }
    }
}

fn trouble(configuration: &Configuration) -> Option<Trouble> {
    match (&configuration.state, &configuration.update) {
        (State::Failed { reason, .. }, update) if *update != Update::InProgress => {
            Some(Trouble::Failed(reason.clone()))
        }
        (State::Pending, _) => Some(Trouble::Pending),
        (_, Update::InProgress) => Some(Trouble::Updating),
        _ => None,
    }
}
