//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>
//!
//! Alarms on metric math are not shown, as on AWS.

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Alarm, alarms_of, begin};
use crate::error::Error;
use crate::generated::{DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput};
use crate::query::dimensions;

pub(crate) async fn describe_alarms_for_metric(
    cx: &Ctx<CloudWatch>,
    req: DescribeAlarmsForMetricInput,
) -> Result<DescribeAlarmsForMetricOutput, Error> {
    let mut wanted = dimensions(req.dimensions);
    wanted.sort();
    let is_wanted = |alarm: &Alarm| {
        let Some(stat) = &alarm.metric else { return false };
        let mut own = stat.dimensions.clone();
        own.sort();
        let is_stat = |given: &Option<String>, is_extended: bool| {
            given.as_ref().is_none_or(|given| alarm.is_extended == is_extended && *given == stat.stat)
        };
        stat.namespace == req.namespace
            && stat.name == req.metric_name
            && own == wanted
            && is_stat(&req.statistic, false)
            && is_stat(&req.extended_statistic, true)
            && req.period.is_none_or(|period| period == stat.period_s)
            && (req.unit.is_none() || req.unit == stat.unit)
    };
    let all = begin(&cx.host).list::<Alarm>(&alarms_of(&cx.call.scope), None, usize::MAX).await?;
    let shown = all.iter().filter(|alarm| is_wanted(alarm)).map(Alarm::to_wire).collect();
    Ok(DescribeAlarmsForMetricOutput { metric_alarms: Some(shown) })
}
