//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
//!
//! Points come in the order of time, then of units' names; AWS gives them in none.

use std::collections::BTreeMap;

use kernel::Ctx;
use kernel::metrics::Metric;
use wire::Timestamp;

use crate::CloudWatch;
use crate::aggregate::Aggregate;
use crate::error::Error;
use crate::generated::{Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput};
use crate::query::{dimensions, is_period};
use crate::read::{Window, read};
use crate::rows::Id;
use crate::statistic::Statistic;
use crate::units::Unit;

/// Most points of one answer.
const POINTS_MAX: i64 = 1_440;

pub(crate) async fn get_metric_statistics(
    cx: &Ctx<CloudWatch>,
    req: GetMetricStatisticsInput,
) -> Result<GetMetricStatisticsOutput, Error> {
    let (start_ms, end_ms) = (req.start_time.0, req.end_time.0);
    if start_ms == end_ms {
        return Err(Error::value("The parameter StartTime must not equal parameter EndTime."));
    }
    if start_ms > end_ms {
        return Err(Error::value("The parameter StartTime must be less than the parameter EndTime."));
    }
    if !is_period(req.period) {
        let text = "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.";
        return Err(Error::value(text));
    }
    let simple = req.statistics.unwrap_or_default();
    let extended = req.extended_statistics.unwrap_or_default();
    if simple.is_empty() && extended.is_empty() {
        let text = "Must specify either Statistics or ExtendedStatistics.";
        return Err(Error::InvalidCombination(text.to_owned()));
    }
    let mut parsed = Vec::with_capacity(extended.len());
    for text in extended {
        let statistic = Statistic::extended(&text).ok_or_else(|| {
            Error::value(format!("The value {text} for parameter ExtendedStatistics is not supported."))
        })?;
        parsed.push((text, statistic));
    }
    let points = (end_ms - start_ms).div_euclid(1000) / req.period;
    if points > POINTS_MAX {
        return Err(Error::InvalidCombination(format!(
            "You have requested up to {points} datapoints, which exceeds the limit of {POINTS_MAX}. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    let metric = Metric {
        namespace: req.namespace,
        name: req.metric_name.clone(),
        dimensions: dimensions(req.dimensions),
        unit: String::new(),
    };
    let window = Window::rounded(start_ms, end_ms, req.period, cx.now_ms());
    let unit = req.unit.as_deref().map(Unit::of);
    let place = (&*cx.host, &*cx.service.hub);
    let units = read(place, Id::of(&cx.call.scope, &metric), unit, window).await?;
    let mut found: BTreeMap<(i64, &str), Datapoint> = BTreeMap::new();
    for (unit, periods) in units {
        for (at_s, aggregate) in periods {
            if let Some(point) = datapoint(&aggregate, &simple, &parsed) {
                let timestamp = Some(Timestamp(at_s * 1000));
                let unit = unit.name();
                found.insert((at_s, unit), Datapoint { timestamp, unit: Some(unit.to_owned()), ..point });
            }
        }
    }
    Ok(GetMetricStatisticsOutput {
        label: Some(req.metric_name),
        datapoints: Some(found.into_values().collect()),
    })
}

/// The statistics that were asked for; `None` if the aggregate has none of them.
fn datapoint(
    aggregate: &Aggregate,
    simple: &[String],
    extended: &[(String, Statistic)],
) -> Option<Datapoint> {
    let wanted = |name: &str| {
        let is_wanted = simple.iter().any(|statistic| statistic == name);
        Statistic::simple(name).filter(|_| is_wanted).and_then(|statistic| statistic.of(aggregate))
    };
    let extended: BTreeMap<String, f64> = extended
        .iter()
        .filter_map(|(text, statistic)| Some((text.clone(), statistic.of(aggregate)?)))
        .collect();
    if simple.is_empty() && extended.is_empty() {
        return None;
    }
    Some(Datapoint {
        sample_count: wanted("SampleCount"),
        average: wanted("Average"),
        sum: wanted("Sum"),
        minimum: wanted("Minimum"),
        maximum: wanted("Maximum"),
        extended_statistics: (!extended.is_empty()).then_some(extended),
        ..Datapoint::default()
    })
}
