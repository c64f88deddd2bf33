//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
//!
//! An alarm that is put again keeps its state, its tags and its history. Anomaly bands, PromQL, evaluation windows and warm-up are refused by name.

use kernel::{Arn, Ctx};
use serde_json::json;

use crate::CloudWatch;
use crate::alarm::{ALARMS_MAX, Alarm, Happened, State, alarm_key, alarms_of, begin};
use crate::error::Error;
use crate::generated::{PutMetricAlarmInput, PutMetricAlarmResponse};
use crate::ops::tag_resource::checked;
use crate::query::{MetricStat, bad_period, dimensions, is_period, parse};
use crate::statistic::Statistic;
use crate::tasks::ALARMS;
use crate::watch::UNCHECKED;

/// Longest time that an alarm looks back, in seconds; a week where periods are an hour or longer.
const DAY_S: i64 = 86_400;

pub(crate) async fn put_metric_alarm(
    cx: &Ctx<CloudWatch>,
    req: PutMetricAlarmInput,
) -> Result<PutMetricAlarmResponse, Error> {
    let tags = checked(req.tags.clone().unwrap_or_default())?;
    let mut alarm = parse_alarm(cx, req)?;
    let key = alarm_key(&cx.call.scope, &alarm.name);
    let now_ms = cx.now_ms();
    alarm.configured_ms = now_ms;
    let mut tx = begin(&cx.host);
    let existing = tx.get::<Alarm>(&key).await?;
    let what = if existing.is_some() { "updated" } else { "created" };
    match existing {
        Some(old) => {
            alarm.tags = old.tags;
            alarm.state = old.state;
            alarm.reason = old.reason;
            alarm.reason_data = old.reason_data;
            alarm.state_updated_ms = old.state_updated_ms;
            alarm.transitioned_ms = old.transitioned_ms;
            alarm.pending = old.pending;
        }
        None => {
            let count = tx.list::<Alarm>(&alarms_of(&cx.call.scope), None, ALARMS_MAX).await?.len();
            if count >= ALARMS_MAX {
                let text = format!("The maximum limit of {ALARMS_MAX} alarms has been reached.");
                return Err(Error::Limit(text));
            }
            alarm.tags = tags;
            alarm.state = State::InsufficientData;
            alarm.reason = UNCHECKED.to_owned();
            alarm.state_updated_ms = now_ms;
            alarm.transitioned_ms = now_ms;
        }
    }
    let kind = if what == "created" { "Create" } else { "Update" };
    let data = json!({ "version": "1.0", "type": kind, "alarmName": alarm.name, "alarmArn": alarm.arn() });
    let summary = format!("Alarm \"{}\" {what}", alarm.name);
    tx.put(&Happened::new(&cx.host, &alarm, "ConfigurationUpdate", summary, &data))?;
    tx.put(&alarm)?;
    tx.commit().await?;
    cx.host.signals.wake(ALARMS);
    Ok(PutMetricAlarmResponse {})
}

fn parse_alarm(cx: &Ctx<CloudWatch>, req: PutMetricAlarmInput) -> Result<Alarm, Error> {
    let refused = [
        (req.threshold_metric_id.is_some(), "anomaly detection alarms (ThresholdMetricId)"),
        (
            req.evaluation_criteria.is_some() || req.evaluation_interval.is_some(),
            "PromQL alarms (EvaluationCriteria)",
        ),
        (req.evaluation_window.is_some(), "EvaluationWindow of alarms"),
        (req.warm_up_configuration.is_some(), "WarmUpConfiguration of alarms"),
        (req.action_configuration.is_some(), "ActionConfiguration of alarms"),
    ];
    if let Some((_, what)) = refused.into_iter().find(|(is_given, _)| *is_given) {
        return Err(Error::NotImplemented(what));
    }
    let required = |name: &str| Error::validation(format!("The parameter {name} is required."));
    let comparison = req.comparison_operator.clone().ok_or_else(|| required("ComparisonOperator"))?;
    if !comparison.ends_with("ToThreshold")
        && !matches!(&*comparison, "GreaterThanThreshold" | "LessThanThreshold")
    {
        return Err(Error::NotImplemented("anomaly detection alarms (ComparisonOperator)"));
    }
    let evaluation_periods = req.evaluation_periods.ok_or_else(|| required("EvaluationPeriods"))?;
    if req.datapoints_to_alarm.is_some_and(|needed| needed > evaluation_periods) {
        let text =
            "The parameter DatapointsToAlarm must not be greater than the parameter EvaluationPeriods.";
        return Err(Error::validation(text));
    }
    let one_of = |name: &str, value: &Option<String>, allowed: &[&str]| match value {
        Some(value) if !allowed.contains(&value.as_str()) => Err(Error::validation(format!(
            "The value {value} for parameter {name} is not supported. Valid values are [{}].",
            allowed.join(", ")
        ))),
        _ => Ok(()),
    };
    one_of("TreatMissingData", &req.treat_missing_data, &["breaching", "notBreaching", "ignore", "missing"])?;
    one_of(
        "EvaluateLowSampleCountPercentile",
        &req.evaluate_low_sample_count_percentile,
        &["evaluate", "ignore"],
    )?;
    let threshold = req.threshold.ok_or_else(|| required("Threshold"))?;
    if !threshold.is_finite() {
        return Err(Error::validation("The parameter Threshold must be a finite number."));
    }
    let actions = [&req.ok_actions, &req.alarm_actions, &req.insufficient_data_actions];
    if let Some(arn) = actions.into_iter().flatten().flatten().find(|arn| Arn::parse(arn).is_none()) {
        return Err(Error::validation(format!("Invalid arn syntax: {arn}")));
    }
    let mut alarm = Alarm {
        account: cx.call.scope.account.clone(),
        region: cx.call.scope.region.clone(),
        name: req.alarm_name.clone(),
        description: req.alarm_description.clone(),
        actions_enabled: req.actions_enabled.unwrap_or(true),
        ok_actions: req.ok_actions.clone().unwrap_or_default(),
        alarm_actions: req.alarm_actions.clone().unwrap_or_default(),
        insufficient_actions: req.insufficient_data_actions.clone().unwrap_or_default(),
        evaluation_periods,
        datapoints_to_alarm: req.datapoints_to_alarm,
        threshold,
        comparison,
        treat_missing: req.treat_missing_data.clone(),
        low_samples: req.evaluate_low_sample_count_percentile.clone(),
        ..Alarm::default()
    };
    watch_what(cx, &mut alarm, req)?;
    let period_s = alarm.period_s();
    let (limit_s, name) = if period_s >= 3600 { (7 * DAY_S, "7 days") } else { (DAY_S, "a day") };
    if evaluation_periods.saturating_mul(period_s) > limit_s {
        return Err(Error::validation(format!(
            "Metrics cannot be checked across more than {name} (EvaluationPeriods * Period must be <= {limit_s})."
        )));
    }
    Ok(alarm)
}

/// The metric, or the metric math, that the alarm watches.
fn watch_what(cx: &Ctx<CloudWatch>, alarm: &mut Alarm, req: PutMetricAlarmInput) -> Result<(), Error> {
    if let Some(queries) = req.metrics {
        let has_metric = req.metric_name.is_some() || req.namespace.is_some() || req.period.is_some();
        if has_metric
            || req.statistic.is_some()
            || req.extended_statistic.is_some()
            || req.dimensions.is_some()
        {
            let text = "The parameter Metrics cannot be specified together with MetricName, Namespace, Dimensions, Period, Unit, Statistic or ExtendedStatistic.";
            return Err(Error::validation(text));
        }
        alarm.queries = parse(&cx.call.scope, queries)?;
        if alarm.queries.iter().filter(|query| query.returns).count() != 1 {
            return Err(Error::validation("Exactly one element of the metrics list should return data."));
        }
        return Ok(());
    }
    let required = |name: &str| Error::validation(format!("The parameter {name} is required."));
    let period_s = req.period.ok_or_else(|| required("Period"))?;
    if !is_period(period_s) || period_s < 10 {
        return Err(Error::validation(bad_period("Period", period_s)));
    }
    let (stat, is_extended) = match (req.statistic, req.extended_statistic) {
        (Some(_), Some(_)) => {
            let text = "The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.";
            return Err(Error::validation(text));
        }
        (Some(stat), None) => (stat, false),
        (None, Some(stat)) if Statistic::extended(&stat).is_some() => (stat, true),
        (None, Some(stat)) => {
            return Err(Error::validation(format!(
                "The value {stat} for parameter ExtendedStatistic is not supported."
            )));
        }
        (None, None) => {
            return Err(Error::validation("Either Statistic or ExtendedStatistic must be specified."));
        }
    };
    alarm.metric = Some(MetricStat {
        namespace: req.namespace.ok_or_else(|| required("Namespace"))?,
        name: req.metric_name.ok_or_else(|| required("MetricName"))?,
        dimensions: dimensions(req.dimensions),
        period_s,
        stat,
        unit: req.unit,
    });
    alarm.is_extended = is_extended;
    Ok(())
}
