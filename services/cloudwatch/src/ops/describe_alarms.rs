//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
//!
//! Alarms come by name. There are no composite and no log alarms.

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Alarm, alarms_of, begin};
use crate::error::Error;
use crate::generated::{DescribeAlarmsInput, DescribeAlarmsOutput};
use crate::names::page;

/// Alarms on a page, if the request does not say.
const PAGE: i64 = 50;

pub(crate) async fn describe_alarms(
    cx: &Ctx<CloudWatch>,
    req: DescribeAlarmsInput,
) -> Result<DescribeAlarmsOutput, Error> {
    if req.alarm_names.is_some() && req.alarm_name_prefix.is_some() {
        let text = "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.";
        return Err(Error::validation(text));
    }
    // Composite alarms have children, and there are none.
    let is_family = req.children_of_alarm_name.is_some() || req.parents_of_alarm_name.is_some();
    let is_metric =
        req.alarm_types.as_ref().is_none_or(|types| types.iter().any(|kind| kind == "MetricAlarm"));
    let is_wanted = |alarm: &Alarm| {
        is_metric
            && !is_family
            && req.alarm_names.as_ref().is_none_or(|names| names.contains(&alarm.name))
            && req.alarm_name_prefix.as_ref().is_none_or(|prefix| alarm.name.starts_with(prefix.as_str()))
            && req.state_value.as_ref().is_none_or(|state| alarm.state.name() == state)
            && req.action_prefix.as_ref().is_none_or(|prefix| has_action(alarm, prefix))
    };
    let all = begin(&cx.host).list::<Alarm>(&alarms_of(&cx.call.scope), None, usize::MAX).await?;
    let keyed = all.into_iter().filter(is_wanted).map(|alarm| (alarm.name.clone(), alarm)).collect();
    let limit = usize::try_from(req.max_records.unwrap_or(PAGE)).unwrap_or(1);
    let (shown, next_token) = page(keyed, req.next_token.as_deref(), limit)?;
    Ok(DescribeAlarmsOutput {
        composite_alarms: Some(Vec::new()),
        metric_alarms: Some(shown.iter().map(Alarm::to_wire).collect()),
        log_alarms: None,
        next_token,
    })
}

fn has_action(alarm: &Alarm, prefix: &str) -> bool {
    let all = [&alarm.ok_actions, &alarm.alarm_actions, &alarm.insufficient_actions];
    all.into_iter().flatten().any(|arn| arn.starts_with(prefix))
}
