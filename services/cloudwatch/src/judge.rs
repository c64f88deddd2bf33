//! From the latest data points of an alarm to its state: pure.
//!
//! AWS: Evaluating an alarm, and Configuring how CloudWatch alarms treat missing data, whose tables are the tests. A period that gives no
//! value is missing. If enough real points lie in the range, the newest of them decide and nothing is filled in; else all real points and
//! as many missing ones as are lacking.

use serde_json::json;

use crate::alarm::{Alarm, State, moment, short_moment};

/// Periods beyond N that are looked at; AWS does not say how many it takes.
pub const EXTRA_PERIODS: i64 = 2;

/// A period with a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where it begins, in seconds since the epoch.
    pub at_s: i64,
    /// Value.
    pub value: f64,
    /// How many values it was made of, if it is a metric's.
    pub samples: Option<f64>,
}

/// A state and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// State.
    pub state: State,
    /// Why.
    pub reason: String,
    /// Why, as JSON.
    pub data: String,
}

/// The state that `range` gives, oldest first, `None` for a period without a value; `None` if the alarm stays as it is.
pub fn judge(alarm: &Alarm, range: &[(i64, Option<Point>)], now_ms: i64) -> Option<Verdict> {
    let periods = usize::try_from(alarm.evaluation_periods).unwrap_or(1).max(1);
    let needed = alarm.datapoints_to_alarm.and_then(|count| usize::try_from(count).ok()).unwrap_or(periods);
    let mut points: Vec<Point> = range.iter().filter_map(|(_, point)| *point).collect();
    points.drain(..points.len().saturating_sub(periods));
    let filled = periods - points.len();
    let breaching = points.iter().filter(|point| alarm.is_breached_by(point.value)).count();
    let is_alarm = match alarm.treat_missing.as_deref().unwrap_or("missing") {
        _ if filled == 0 => Some(breaching >= needed),
        "breaching" => Some(breaching + filled >= needed),
        "notBreaching" => Some(breaching >= needed),
        "ignore" if breaching >= needed => Some(true),
        // Only a real point that does not breach says that all is well.
        "ignore" => (breaching < points.len()).then_some(false),
        _ if points.is_empty() => None,
        _ => Some(breaching > 0 && breaching >= needed.min(points.len())),
    };
    let state = match (is_alarm, alarm.treat_missing.as_deref()) {
        (None, Some("ignore")) => return None,
        (None, _) => State::InsufficientData,
        (Some(true), _) => State::Alarm,
        (Some(false), _) => State::Ok,
    };
    let reason = reason(alarm, state, &points, (periods, filled));
    Some(Verdict { state, reason, data: reason_data(alarm, range, &points, now_ms) })
}

fn reason(alarm: &Alarm, state: State, points: &[Point], (periods, filled): (usize, usize)) -> String {
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let was = |count: usize| if count == 1 { "was" } else { "were" };
    let treated = match alarm.treat_missing.as_deref() {
        Some("breaching") if filled > 0 => Some("Breaching"),
        Some("notBreaching") if filled > 0 => Some("NonBreaching"),
        _ => None,
    };
    let fill = treated.map(|name| {
        format!(" and {} {} treated as [{name}]", plural(filled, "missing datapoint"), was(filled))
    });
    if state == State::InsufficientData {
        return format!("Insufficient Data: {} {} unknown.", plural(periods, "datapoint"), was(periods));
    }
    if points.is_empty() {
        let received = plural(periods, "period");
        return format!(
            "Threshold Crossed: no datapoints were received for {received}{}.",
            fill.unwrap_or_default()
        );
    }
    let is_alarm = state == State::Alarm;
    let decisive: Vec<&Point> =
        points.iter().rev().filter(|point| alarm.is_breached_by(point.value) == is_alarm).collect();
    let count = decisive.len();
    let listed: Vec<String> = decisive
        .iter()
        .take(LISTED_MAX)
        .map(|point| format!("{:?} ({})", point.value, short_moment(point.at_s * 1000)))
        .collect();
    let relation = match alarm.comparison.as_str() {
        "GreaterThanOrEqualToThreshold" => "greater than or equal to",
        "GreaterThanThreshold" => "greater than",
        "LessThanThreshold" => "less than",
        _ => "less than or equal to",
    };
    let (subject, rule) = match alarm.datapoints_to_alarm.and_then(|needed| usize::try_from(needed).ok()) {
        None => (plural(count, "datapoint"), String::new()),
        Some(needed) => {
            let (least, change) = match is_alarm {
                true => (needed, "OK -> ALARM"),
                false => ((periods + 1).saturating_sub(needed), "ALARM -> OK"),
            };
            let rule = format!(" (minimum {} for {change} transition)", plural(least, "datapoint"));
            (format!("{count} out of the last {}", plural(periods, "datapoint")), rule)
        }
    };
    let not = if is_alarm { "" } else { "not " };
    format!(
        "Threshold Crossed: {subject} [{}] {} {not}{relation} the threshold ({:?}){rule}{}.",
        listed.join(", "),
        was(count),
        alarm.threshold,
        fill.unwrap_or_default()
    )
}

/// Most values that a reason names.
const LISTED_MAX: usize = 5;
/// Longest `StateReasonData`, in bytes (AWS: SetAlarmState).
const DATA_BYTES_MAX: usize = 4_000;

fn reason_data(alarm: &Alarm, range: &[(i64, Option<Point>)], points: &[Point], now_ms: i64) -> String {
    let shown = |count: usize| {
        let mut data = json!({ "version": "1.0", "queryDate": moment(now_ms) });
        if let Some(first) = points.first() {
            data["startDate"] = moment(first.at_s * 1000).into();
        }
        if let Some(stat) = &alarm.metric {
            if let Some(unit) = &stat.unit {
                data["unit"] = unit.as_str().into();
            }
            data["statistic"] = stat.stat.as_str().into();
        }
        data["period"] = alarm.period_s().into();
        let values: Vec<f64> = points.iter().rev().take(count).rev().map(|point| point.value).collect();
        data["recentDatapoints"] = values.into();
        data["threshold"] = alarm.threshold.into();
        let periods = usize::try_from(alarm.evaluation_periods).unwrap_or(1);
        let evaluated = range.iter().rev().take(periods.min(count)).map(|(at_s, point)| match point {
            Some(Point { value, samples: Some(samples), .. }) => {
                json!({ "timestamp": moment(at_s * 1000), "sampleCount": samples, "value": value })
            }
            Some(Point { value, .. }) => json!({ "timestamp": moment(at_s * 1000), "value": value }),
            None => json!({ "timestamp": moment(at_s * 1000) }),
        });
        data["evaluatedDatapoints"] = evaluated.collect::<Vec<_>>().into();
        data.to_string()
    };
    // The newest points are kept where all would be too long.
    let mut count = range.len().min(40);
    loop {
        let text = shown(count);
        if text.len() <= DATA_BYTES_MAX || count == 0 {
            return text;
        }
        count /= 2;
    }
}

#[cfg(test)]
mod tests;
