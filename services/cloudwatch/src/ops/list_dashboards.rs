//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html>

use kernel::{Ctx, Key};

use crate::CloudWatch;
use crate::alarm::{Dashboard, begin, dashboard_arn};
use crate::error::Error;
use crate::generated::{DashboardEntry, ListDashboardsInput, ListDashboardsOutput};
use crate::names::page;

/// Dashboards on a page.
const PAGE: usize = 1_000;

pub(crate) async fn list_dashboards(
    cx: &Ctx<CloudWatch>,
    req: ListDashboardsInput,
) -> Result<ListDashboardsOutput, Error> {
    let prefix = req.dashboard_name_prefix.unwrap_or_default();
    let own = Key::new().text(cx.account());
    let all = begin(&cx.host).list::<Dashboard>(&own, None, usize::MAX).await?;
    let chosen = all.into_iter().filter(|dashboard| dashboard.name.starts_with(&prefix));
    let keyed = chosen.map(|dashboard| (dashboard.name.clone(), dashboard)).collect();
    let (shown, next_token) = page(keyed, req.next_token.as_deref(), PAGE).map_err(|error| match error {
        Error::NextToken => Error::value("Invalid nextToken"),
        other => other,
    })?;
    let entries = shown.into_iter().map(|dashboard| DashboardEntry {
        dashboard_arn: Some(dashboard_arn(cx.account(), &dashboard.name)),
        dashboard_name: Some(dashboard.name),
        last_modified: Some(wire::Timestamp(dashboard.modified_ms)),
        size: i64::try_from(dashboard.body.len()).ok(),
    });
    Ok(ListDashboardsOutput { dashboard_entries: Some(entries.collect()), next_token })
}
