//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
//!
//! Metrics that had a value in the last two weeks, in no order that means anything, each once whatever its units are.

use std::collections::BTreeMap;

use kernel::Ctx;
use kernel::store::Range;

use crate::CloudWatch;
use crate::error::Error;
use crate::generated::{DimensionFilter, ListMetricsInput, ListMetricsOutput, Metric};
use crate::names::page;
use crate::query::to_dimensions;
use crate::rows::{Id, Listed, listed_id, listed_prefix};

/// Metrics on a page.
const PAGE: usize = 500;
const HOUR_MS: i64 = 3_600_000;

pub(crate) async fn list_metrics(
    cx: &Ctx<CloudWatch>,
    req: ListMetricsInput,
) -> Result<ListMetricsOutput, Error> {
    let scope = &cx.call.scope;
    if req.owning_account.as_ref().is_some_and(|account| *account != scope.account) {
        return Err(Error::value(
            "The parameter OwningAccount must be the account of the request: there are no linked accounts.",
        ));
    }
    // Memory first: what leaves it afterwards is in the store by then.
    let mut metrics: BTreeMap<Id, Listed> = BTreeMap::new();
    let mut add = |id: Id, listed: Listed| {
        let known = metrics.entry(id).or_insert_with(|| listed.clone());
        known.last_ms = known.last_ms.max(listed.last_ms);
    };
    for (id, listed) in cx.service.hub.listed(scope) {
        add(id, listed);
    }
    let namespace = req.namespace.as_deref();
    let prefix = listed_prefix(Some(scope), namespace, req.metric_name.as_deref());
    for entry in cx.host.telemetry.snapshot().range(Range::prefix(&prefix, usize::MAX)).await? {
        if let Some(id) = listed_id(&entry.key) {
            add(id, Listed::decode(&entry)?);
        }
    }
    let age_ms = if req.recently_active.is_some() { 3 * HOUR_MS } else { 14 * 24 * HOUR_MS };
    let since_ms = cx.now_ms() - age_ms;
    let filters = req.dimensions.unwrap_or_default();
    let is_wanted = |listed: &Listed| {
        listed.last_ms >= since_ms
            && namespace.is_none_or(|namespace| listed.namespace == namespace)
            && req.metric_name.as_ref().is_none_or(|name| listed.name == *name)
            && filters.iter().all(|filter| has(listed, filter))
    };
    let found = metrics.into_iter().filter(|(_, listed)| is_wanted(listed));
    let keyed = found.map(|(id, listed)| (format!("{id:?}"), listed)).collect();
    let (shown, next_token) = page(keyed, req.next_token.as_deref(), PAGE).map_err(|error| match error {
        Error::NextToken => Error::value("Invalid nextToken"),
        other => other,
    })?;
    let owners = req.include_linked_accounts == Some(true);
    let owning_accounts = owners.then(|| vec![scope.account.clone(); shown.len()]);
    let metrics = shown.into_iter().map(|listed| Metric {
        namespace: Some(listed.namespace),
        metric_name: Some(listed.name),
        dimensions: Some(to_dimensions(listed.dimensions)),
    });
    Ok(ListMetricsOutput { metrics: Some(metrics.collect()), next_token, owning_accounts })
}

fn has(listed: &Listed, filter: &DimensionFilter) -> bool {
    let mut named = listed.dimensions.iter().filter(|(name, _)| *name == filter.name);
    named.any(|(_, value)| filter.value.as_ref().is_none_or(|wanted| wanted == value))
}
