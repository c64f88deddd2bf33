//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
//!
//! Values are kept in memory and written about a second later. Entities are accepted and not kept.

use kernel::Ctx;
use kernel::metrics::Metric;

use crate::CloudWatch;
use crate::aggregate::Summary;
use crate::error::Error;
use crate::generated::{Dimension, MetricDatum, PutMetricDataInput, PutMetricDataResponse};
use crate::query::dimensions;
use crate::series::Values;
use crate::tasks::ALARMS;

/// Most metrics of one request.
const METRICS_MAX: usize = 1_000;
/// Most values of one metric.
const VALUES_MAX: usize = 150;
/// How old a value may be, and how far in the future, in milliseconds.
const AGE_MS_MAX: i64 = 14 * 86_400_000;
const FUTURE_MS_MAX: i64 = 2 * 3_600_000;

/// How old a value of high resolution may be to be kept by the second, in milliseconds; AWS keeps it so for three hours.
const FINE_MS_MAX: i64 = 2 * 3_600_000;

/// What one datum adds, where.
struct Addition {
    metric: Metric,
    at_ms: i64,
    tier: u32,
    values: Vec<(f64, f64)>,
    summary: Option<Summary>,
}

pub(crate) async fn put_metric_data(
    cx: &Ctx<CloudWatch>,
    req: PutMetricDataInput,
) -> Result<PutMetricDataResponse, Error> {
    if req.metric_data.is_none() && req.entity_metric_data.is_none() {
        return Err(Error::Missing("The parameter MetricData is required.".to_owned()));
    }
    let mut additions = Vec::new();
    let mut wrong = Vec::new();
    let own = [("MetricData".to_owned(), req.metric_data.unwrap_or_default())];
    let of_entities =
        req.entity_metric_data.unwrap_or_default().into_iter().enumerate().map(|(at, entity)| {
            (format!("EntityMetricData.member.{}.MetricData", at + 1), entity.metric_data.unwrap_or_default())
        });
    for (list, data) in own.into_iter().chain(of_entities) {
        if data.len() > METRICS_MAX {
            let text = format!("The collection {list} must not have a size greater than {METRICS_MAX}.");
            return Err(Error::value(text));
        }
        for (at, datum) in data.into_iter().enumerate() {
            match parse(cx, &req.namespace, &format!("{list}.member.{}", at + 1), datum) {
                Ok(addition) => additions.push(addition),
                Err(error) => wrong.push(error),
            }
        }
    }
    if let Some(error) = joined(wrong) {
        return Err(error);
    }
    if cx.service.hub.is_crowded() {
        cx.service.hub.flush().await?;
    }
    for Addition { metric, at_ms, tier, values, summary } in additions {
        let state = cx.service.hub.state(&cx.call.scope, &metric);
        let values = summary.map_or(Values::Many(&values), Values::Summary);
        if !state.add(at_ms, tier, values) {
            cx.service.hub.flush().await?;
            state.add(at_ms, tier, values);
        }
    }
    cx.host.signals.wake(ALARMS);
    Ok(PutMetricDataResponse {})
}

/// All texts of errors of the first one's kind, a line each, as AWS answers.
fn joined(wrong: Vec<Error>) -> Option<Error> {
    let kind = std::mem::discriminant(wrong.first()?);
    let same = wrong.iter().filter(|error| std::mem::discriminant(*error) == kind);
    let text = same.map(Error::to_string).collect::<Vec<_>>().join("\n");
    Some(match wrong.first()? {
        Error::InvalidCombination(_) => Error::InvalidCombination(text),
        Error::Missing(_) => Error::Missing(text),
        _ => Error::InvalidValue(text),
    })
}

fn parse(cx: &Ctx<CloudWatch>, namespace: &str, place: &str, datum: MetricDatum) -> Result<Addition, Error> {
    let now_ms = cx.now_ms();
    let at_ms = datum.timestamp.map_or(now_ms, |timestamp| timestamp.0);
    if at_ms < now_ms - AGE_MS_MAX {
        return Err(Error::value(format!(
            "The parameter {place}.Timestamp must specify a time within the past two weeks."
        )));
    }
    if at_ms > now_ms + FUTURE_MS_MAX {
        return Err(Error::value(format!(
            "The parameter {place}.Timestamp must specify a time no more than two hours in the future."
        )));
    }
    let tier = match datum.storage_resolution {
        None | Some(60) => 60,
        // What is about to be rolled up goes to the minutes at once.
        Some(1) if at_ms < now_ms - FINE_MS_MAX => 60,
        Some(1) => 1,
        Some(_) => {
            let text =
                format!("The parameter {place}.StorageResolution must be a value in the set [ 1, 60 ].");
            return Err(Error::value(text));
        }
    };
    check_dimensions(place, datum.dimensions.as_deref().unwrap_or_default())?;
    let (values, summary) = values(place, &datum)?;
    let metric = Metric {
        namespace: namespace.to_owned(),
        name: datum.metric_name,
        dimensions: dimensions(datum.dimensions),
        unit: datum.unit.unwrap_or_default(),
    };
    Ok(Addition { metric, at_ms, tier, values, summary })
}

fn check_dimensions(place: &str, dimensions: &[Dimension]) -> Result<(), Error> {
    for (at, dimension) in dimensions.iter().enumerate() {
        let both = [("Name", &dimension.name), ("Value", &dimension.value)];
        for (member, text) in both {
            let place = format!("{place}.Dimensions.member.{}.{member}", at + 1);
            if text.trim().is_empty() {
                return Err(Error::value(format!(
                    "The parameter {place} must contain at least one non-blank character."
                )));
            }
            if !text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
                return Err(Error::value(format!(
                    "The parameter {place} must contain only ASCII characters."
                )));
            }
        }
        if dimension.name.starts_with(':') {
            return Err(Error::value(format!(
                "The parameter {place}.Dimensions.member.{}.Name must not start with ':'.",
                at + 1
            )));
        }
    }
    Ok(())
}

type Parsed = (Vec<(f64, f64)>, Option<Summary>);

fn values(place: &str, datum: &MetricDatum) -> Result<Parsed, Error> {
    let both = |one: &str, other: &str| {
        Error::InvalidCombination(format!(
            "The parameters {place}.{one} and {place}.{other} are mutually exclusive and you have specified both."
        ))
    };
    let given = [
        ("Value", datum.value.is_some()),
        ("Values", datum.values.is_some()),
        ("StatisticValues", datum.statistic_values.is_some()),
    ];
    let given: Vec<&str> =
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
    if let [one, other, ..] = given[..] {
        return Err(both(one, other));
    }
    if let Some(set) = &datum.statistic_values {
        let numbers = [
            ("SampleCount", set.sample_count),
            ("Sum", set.sum),
            ("Minimum", set.minimum),
            ("Maximum", set.maximum),
        ];
        for (member, number) in numbers {
            check_number(&format!("{place}.StatisticValues.{member}"), number)?;
        }
        if set.sample_count <= 0.0 {
            return Err(Error::value(format!(
                "The parameter {place}.StatisticValues.SampleCount must be greater than 0."
            )));
        }
        if set.minimum > set.maximum {
            return Err(Error::value(format!(
                "The parameter {place}.StatisticValues.Maximum must be greater than {place}.StatisticValues.Minimum."
            )));
        }
        let summary = Summary { count: set.sample_count, sum: set.sum, min: set.minimum, max: set.maximum };
        return Ok((Vec::new(), Some(summary)));
    }
    if let Some(value) = datum.value {
        check_number(&format!("{place}.Value"), value)?;
        return Ok((vec![(value, 1.0)], None));
    }
    let Some(values) = &datum.values else {
        return Err(Error::Missing(format!(
            "At least one of the parameters {place}.Value, {place}.Values and {place}.StatisticValues must be specified."
        )));
    };
    if values.len() > VALUES_MAX {
        return Err(Error::value(format!(
            "The collection {place}.Values must not have a size greater than {VALUES_MAX}."
        )));
    }
    if datum.counts.as_ref().is_some_and(|counts| counts.len() != values.len()) {
        return Err(Error::value(format!(
            "The parameters {place}.Values and {place}.Counts must be of the same size."
        )));
    }
    let counts = datum.counts.clone().unwrap_or_else(|| vec![1.0; values.len()]);
    let pairs: Vec<(f64, f64)> = values.iter().copied().zip(counts).collect();
    for (at, (value, count)) in pairs.iter().enumerate() {
        check_number(&format!("{place}.Values.member.{}", at + 1), *value)?;
        check_number(&format!("{place}.Counts.member.{}", at + 1), *count)?;
        if *count <= 0.0 {
            return Err(Error::value(format!(
                "The parameter {place}.Counts.member.{} must be greater than 0.",
                at + 1
            )));
        }
    }
    Ok((pairs, None))
}

/// AWS: MetricDatum: from -2^360 to 2^360, and neither `NaN` nor infinite.
fn check_number(place: &str, number: f64) -> Result<(), Error> {
    if number.is_finite() && number.abs() <= 2_f64.powi(360) {
        return Ok(());
    }
    let shown = if number.is_infinite() {
        format!("{}Infinity", if number < 0.0 { "-" } else { "" })
    } else {
        number.to_string()
    };
    Err(Error::value(format!("The value {shown} for parameter {place} is invalid.")))
}
