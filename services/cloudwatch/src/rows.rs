//! Where measurements are stored: rows of one metric, unit and stretch of time, and the directory of metrics. All in the telemetry store.
//!
//! A row is an aggregate of [`Tier`] seconds. Its last key part tells apart rows of the same stretch: whoever writes takes a number that
//! nobody else has, so that nothing is read before it is written; readers merge them. A value is in exactly one row.

use std::collections::HashMap;

use kernel::metrics::Metric;
use kernel::store::{Entry, Range, Snapshot};
use kernel::{Fault, Internal, Key, Scope, key::Part};
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::units::Unit;

/// How many seconds a row covers.
pub type Tier = u32;
/// How long rows live before they are rolled up into the next tier, or removed, in seconds (AWS: Metrics retention).
pub const TIERS: [(Tier, i64); 4] =
    [(1, 3 * 3600), (60, 15 * 86_400), (300, 63 * 86_400), (3600, 455 * 86_400)];
const FORMAT: u8 = 1;
const SERVICE: &str = "cloudwatch";

/// What a metric is stored under: the hash of its account, region, namespace, name and dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u64, u64);

impl Id {
    /// The metric's; its unit does not matter.
    pub fn of(scope: &Scope, metric: &Metric) -> Id {
        let mut dimensions: Vec<_> = metric.dimensions.iter().collect();
        dimensions.sort();
        let mut text = Vec::with_capacity(256);
        let mut add = |part: &str| {
            text.extend((part.len() as u32).to_le_bytes());
            text.extend(part.as_bytes());
        };
        [&scope.account, &scope.region, &metric.namespace, &metric.name]
            .into_iter()
            .for_each(|part| add(part));
        for (name, value) in dimensions {
            add(name);
            add(value);
        }
        let (high, low) = hash(&text);
        Id(high, low)
    }
}

fn hash(bytes: &[u8]) -> (u64, u64) {
    let digest = sigv4::sha256(bytes);
    let number = |at: usize| digest[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    (number(0), number(8))
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// Metric.
    pub id: Id,
    /// Seconds it covers.
    pub tier: Tier,
    /// Where they begin, in seconds since the epoch.
    pub start_s: i64,
    /// Unit.
    pub unit: Unit,
    /// Tells apart the rows of one stretch.
    pub part: u64,
}

impl RowKey {
    /// Its key in the store.
    pub fn key(&self) -> Key {
        let start = self.start_s.max(0).unsigned_abs();
        tier_prefix(self.id, self.tier).number(start).number(self.unit.number()).number(self.part)
    }

    fn parse(key: &Key) -> Option<RowKey> {
        let parts = key.parts();
        let [_, _, high, low, tier, start, unit, part] = parts.as_slice() else { return None };
        let number = |part: &Part| match part {
            Part::Number(number) => Some(*number),
            Part::Text(_) => None,
        };
        Some(RowKey {
            id: Id(number(high)?, number(low)?),
            tier: Tier::try_from(number(tier)?).ok()?,
            start_s: i64::try_from(number(start)?).ok()?,
            unit: Unit::from_number(number(unit)?),
            part: number(part)?,
        })
    }
}

fn tier_prefix(id: Id, tier: Tier) -> Key {
    Key::new().text(SERVICE).text("data").number(id.0).number(id.1).number(u64::from(tier))
}

/// Rows of a metric that begin at `from_s` or later and before `to_s`, at most `limit`, oldest first, as they are stored.
pub async fn entries(
    snapshot: &dyn Snapshot,
    (id, tier): (Id, Tier),
    (from_s, to_s): (i64, i64),
    limit: usize,
) -> Result<Vec<(RowKey, Entry)>, Fault> {
    let at = |second: i64| tier_prefix(id, tier).number(second.max(0).unsigned_abs());
    let range = Range { start: at(from_s), end: Some(at(to_s)), limit, descending: false };
    let entries = snapshot.range(range).await?;
    entries
        .into_iter()
        .map(|entry| {
            let key = RowKey::parse(&entry.key);
            let key = key.ok_or_else(|| Internal::because(format!("{:?} is no key of a row", entry.key)))?;
            Ok((key, entry))
        })
        .collect()
}

/// Reads a row.
pub fn decode(entry: &Entry) -> Result<Aggregate, Fault> {
    Aggregate::decode(&entry.value)
        .ok_or_else(|| Internal::because(format!("the row {:?} cannot be read", entry.key)).into())
}

/// Rows of a metric and tier, by their keys.
pub async fn read(
    snapshot: &dyn Snapshot,
    place: (Id, Tier),
    span: (i64, i64),
) -> Result<HashMap<RowKey, Aggregate>, Fault> {
    let entries = entries(snapshot, place, span, usize::MAX).await?;
    entries.into_iter().map(|(key, entry)| Ok((key, decode(&entry)?))).collect()
}

/// A metric in the directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Dimensions, as they were first given.
    pub dimensions: Vec<(String, String)>,
    /// The latest timestamp of a value, in milliseconds since the epoch; written every few minutes.
    pub last_ms: i64,
}

impl Listed {
    /// The stored form.
    pub fn encode(&self) -> Result<Vec<u8>, Fault> {
        let mut value = vec![FORMAT];
        serde_json::to_writer(&mut value, self)
            .map_err(|error| Internal::new(format!("storing the metric {}", self.name), error))?;
        Ok(value)
    }

    /// Reads the stored form.
    pub fn decode(entry: &Entry) -> Result<Listed, Fault> {
        match entry.value.split_first() {
            Some((&FORMAT, json)) => serde_json::from_slice(json)
                .map_err(|error| Internal::new(format!("reading the metric {:?}", entry.key), error).into()),
            _ => Err(Internal::because(format!("the metric {:?} has an unknown format", entry.key)).into()),
        }
    }
}

/// The prefix of all metrics, or of those of an account and region, a namespace, a name.
pub fn listed_prefix(scope: Option<&Scope>, namespace: Option<&str>, name: Option<&str>) -> Key {
    let mut key = Key::new().text(SERVICE).text("metrics");
    let Some(scope) = scope else { return key };
    key = key.text(&scope.account).text(&scope.region);
    let Some(namespace) = namespace else { return key };
    key = key.number(hash(namespace.as_bytes()).0);
    // Without a namespace a name leads nowhere: the caller filters.
    name.map_or(key.clone(), |name| key.number(hash(name.as_bytes()).0))
}

/// Where a metric stands in the directory.
pub fn listed_key(scope: &Scope, metric: &Metric, id: Id) -> Key {
    listed_prefix(Some(scope), Some(&metric.namespace), Some(&metric.name)).number(id.0).number(id.1)
}

/// The metric that a key of the directory is of.
pub fn listed_id(key: &Key) -> Option<Id> {
    match key.parts().as_slice() {
        [.., Part::Number(high), Part::Number(low)] => Some(Id(*high, *low)),
        _ => None,
    }
}
