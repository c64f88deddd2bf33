//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
//!
//! A page holds `MaxDatapoints` points of all results together. `LabelOptions` has no effect: labels have no moments in them.

use kernel::Ctx;
use wire::Timestamp;

use crate::CloudWatch;
use crate::answer::{Span, answer};
use crate::error::Error;
use crate::generated::{GetMetricDataInput, GetMetricDataOutput, MessageData, MetricDataResult};
use crate::names;
use crate::query::parse;

/// Points of a page, if the request does not say, and at most.
const POINTS_MAX: i64 = 100_800;

pub(crate) async fn get_metric_data(
    cx: &Ctx<CloudWatch>,
    req: GetMetricDataInput,
) -> Result<GetMetricDataOutput, Error> {
    let (start_ms, end_ms) = (req.start_time.0, req.end_time.0);
    if start_ms == end_ms {
        return Err(Error::validation("The parameter StartTime must not equal parameter EndTime."));
    }
    if start_ms > end_ms {
        return Err(Error::validation("The parameter StartTime must be less than the parameter EndTime."));
    }
    let limit = req.max_datapoints.unwrap_or(POINTS_MAX);
    if !(1..=POINTS_MAX).contains(&limit) {
        let text =
            format!("The parameter MaxDatapoints must be greater than 0 and not greater than {POINTS_MAX}.");
        return Err(Error::validation(text));
    }
    if let Some(zone) = req.label_options.and_then(|options| options.timezone)
        && !is_offset(&zone)
    {
        let text = format!(
            "The value {zone} for parameter LabelOptions.Timezone is not valid: it must be + or - and four digits."
        );
        return Err(Error::validation(text));
    }
    let queries = parse(&cx.call.scope, req.metric_data_queries)?;
    if !queries.iter().any(|query| query.returns) {
        return Err(Error::validation(
            "At least one query of MetricDataQueries must have ReturnData set to true.",
        ));
    }
    let skipped = req.next_token.as_deref().map(names::from_token).transpose()?;
    let skipped = skipped.map(|text| text.parse::<usize>().map_err(|_| Error::NextToken)).transpose()?;
    let place = (&*cx.host, &*cx.service.hub, &cx.call.scope);
    let answers = answer(place, &queries, Span { start_ms, end_ms, now_ms: cx.now_ms() }).await?;
    let is_ascending = req.scan_by.as_deref() == Some("TimestampAscending");
    let mut results = Vec::new();
    for (query, answer) in queries.iter().zip(answers).filter(|(query, _)| query.returns) {
        for line in answer.lines {
            let mut points: Vec<(i64, f64)> = line.points.into_iter().collect();
            if !is_ascending {
                points.reverse();
            }
            results.push(Found {
                id: query.id.clone(),
                label: line.label,
                points,
                units: answer.units.clone(),
            });
        }
    }
    let (page, next) = page(results, skipped.unwrap_or(0), usize::try_from(limit).unwrap_or(1));
    Ok(GetMetricDataOutput {
        metric_data_results: Some(page),
        next_token: next.map(|next| names::token(&next.to_string())),
        messages: Some(Vec::new()),
    })
}

struct Found {
    id: String,
    label: String,
    points: Vec<(i64, f64)>,
    units: Vec<&'static str>,
}

/// The results that have points after the first `skipped` ones, at most `limit` points of them, and how many to skip next time.
fn page(results: Vec<Found>, skipped: usize, limit: usize) -> (Vec<MetricDataResult>, Option<usize>) {
    let total: usize = results.iter().map(|found| found.points.len()).sum();
    let end = (skipped + limit).min(total);
    let mut page = Vec::new();
    let mut first = 0;
    for found in results {
        let last = first + found.points.len();
        let (from, to) = (first.max(skipped), last.min(end));
        // One without points is on the page on which it would begin.
        let is_here = from < to || (first == last && first >= skipped && (first < end || end == total));
        if is_here {
            page.push(result(found, from.saturating_sub(first)..to.saturating_sub(first), to < last));
        }
        first = last;
    }
    (page, (end < total).then_some(end))
}

fn result(found: Found, shown: std::ops::Range<usize>, is_partial: bool) -> MetricDataResult {
    let Found { id, label, points, units } = found;
    let points = &points[shown];
    let several = (!units.is_empty()).then(|| {
        vec![MessageData {
            code: Some("MultipleUnits".to_owned()),
            value: Some(format!("Multiple units returned: '[{}]'", units.join(", "))),
        }]
    });
    MetricDataResult {
        id: Some(id),
        label: Some(label),
        timestamps: Some(points.iter().map(|(at_s, _)| Timestamp(at_s * 1000)).collect()),
        values: Some(points.iter().map(|(_, value)| *value).collect()),
        status_code: Some(if is_partial { "PartialData" } else { "Complete" }.to_owned()),
        messages: several,
    }
}

/// `+0130`.
fn is_offset(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
