//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>
//!
//! The newest entry comes first unless the request says otherwise. History outlives its alarm, for 30 days.

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Happened, begin, history_of};
use crate::error::Error;
use crate::generated::{AlarmHistoryItem, DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput};
use crate::names::page;

/// Entries on a page, if the request does not say.
const PAGE: i64 = 100;

pub(crate) async fn describe_alarm_history(
    cx: &Ctx<CloudWatch>,
    req: DescribeAlarmHistoryInput,
) -> Result<DescribeAlarmHistoryOutput, Error> {
    let key = history_of(&cx.call.scope, req.alarm_name.as_deref());
    let mut all = begin(&cx.host).list::<Happened>(&key, None, usize::MAX).await?;
    let is_metric =
        req.alarm_types.as_ref().is_none_or(|types| types.iter().any(|kind| kind == "MetricAlarm"));
    all.retain(|happened| {
        is_metric
            && req.history_item_type.as_ref().is_none_or(|kind| *kind == happened.kind)
            && req.start_date.is_none_or(|start| happened.at_ms >= start.0)
            && req.end_date.is_none_or(|end| happened.at_ms <= end.0)
    });
    all.sort_by_key(|happened| (happened.at_ms, happened.number));
    if req.scan_by.as_deref() != Some("TimestampAscending") {
        all.reverse();
    }
    let keyed = all.into_iter().map(|one| (format!("{} {}", one.at_ms, one.number), one)).collect();
    let limit = usize::try_from(req.max_records.unwrap_or(PAGE)).unwrap_or(1);
    let (shown, next_token) = page(keyed, req.next_token.as_deref(), limit)?;
    let items = shown.into_iter().map(|happened| AlarmHistoryItem {
        alarm_name: Some(happened.alarm),
        alarm_type: Some("MetricAlarm".to_owned()),
        timestamp: Some(wire::Timestamp(happened.at_ms)),
        history_item_type: Some(happened.kind),
        history_summary: Some(happened.summary),
        history_data: Some(happened.data),
        ..AlarmHistoryItem::default()
    });
    Ok(DescribeAlarmHistoryOutput { alarm_history_items: Some(items.collect()), next_token })
}
