//! The table of operations: one row each, alphabetical.

mod delete_alarms;
mod delete_dashboards;
mod describe_alarm_history;
mod describe_alarms;
mod describe_alarms_for_metric;
mod disable_alarm_actions;
mod enable_alarm_actions;
mod get_dashboard;
mod get_metric_data;
mod get_metric_statistics;
mod list_dashboards;
mod list_metrics;
mod list_tags_for_resource;
mod put_dashboard;
mod put_metric_alarm;
mod put_metric_data;
mod set_alarm_state;
mod tag_resource;
mod untag_resource;

use kernel::{Operation, op};

use crate::CloudWatch;
use crate::names::{alarm_resource, dashboard_resource, tagged_resource};

/// The table.
pub fn table() -> Vec<Operation<CloudWatch>> {
    vec![
        op("DeleteAlarms", delete_alarms::delete_alarms).on(alarm_resource),
        op("DeleteDashboards", delete_dashboards::delete_dashboards).on(dashboard_resource),
        op("DescribeAlarmHistory", describe_alarm_history::describe_alarm_history).on(alarm_resource),
        op("DescribeAlarms", describe_alarms::describe_alarms).on(alarm_resource),
        op("DescribeAlarmsForMetric", describe_alarms_for_metric::describe_alarms_for_metric),
        op("DisableAlarmActions", disable_alarm_actions::disable_alarm_actions).on(alarm_resource),
        op("EnableAlarmActions", enable_alarm_actions::enable_alarm_actions).on(alarm_resource),
        op("GetDashboard", get_dashboard::get_dashboard).on(dashboard_resource),
        op("GetMetricData", get_metric_data::get_metric_data),
        op("GetMetricStatistics", get_metric_statistics::get_metric_statistics),
        op("ListDashboards", list_dashboards::list_dashboards).on(dashboard_resource),
        op("ListMetrics", list_metrics::list_metrics),
        op("ListTagsForResource", list_tags_for_resource::list_tags_for_resource).on(tagged_resource),
        op("PutDashboard", put_dashboard::put_dashboard).on(dashboard_resource),
        op("PutMetricAlarm", put_metric_alarm::put_metric_alarm).on(alarm_resource),
        op("PutMetricData", put_metric_data::put_metric_data),
        op("SetAlarmState", set_alarm_state::set_alarm_state).on(alarm_resource),
        op("TagResource", tag_resource::tag_resource).on(tagged_resource),
        op("UntagResource", untag_resource::untag_resource).on(tagged_resource),
    ]
}
