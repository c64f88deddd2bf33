//! Answers to queries: metrics are read, expressions evaluated in the order in which they need each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Host, Scope};

use crate::aggregate::Aggregate;
use crate::error::Error;
use crate::hub::Hub;
use crate::math::evaluate::{self, Line, Value};
use crate::query::{MetricStat, Query, Source, in_expression, parse_expression};
use crate::read::{Periods, Window, read};
use crate::rows::Id;
use crate::statistic::Statistic;
use crate::units::Unit;

/// Most points that one request may calculate, over all its queries.
const POINTS_MAX: i64 = 5_000_000;

/// From when to when, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Included.
    pub start_ms: i64,
    /// Excluded.
    pub end_ms: i64,
    /// The present.
    pub now_ms: i64,
}

/// What one query gives.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Its series; several for an expression that gives a list.
    pub lines: Vec<Line>,
    /// The units between which one was chosen, if there were several.
    pub units: Vec<&'static str>,
    /// The aggregates, for a metric.
    pub periods: Periods,
}

/// Answers all queries, in their order.
pub async fn answer(
    place: (&Host, &Hub, &Scope),
    queries: &[Query],
    span: Span,
) -> Result<Vec<Answer>, Error> {
    let (host, hub, scope) = place;
    let shortest = queries.iter().filter_map(period_of).min().unwrap_or(60);
    let points = (span.end_ms - span.start_ms) / 1000 / shortest.max(1) * queries.len() as i64;
    if points > POINTS_MAX {
        let text =
            format!("You have requested up to {points} datapoints, which exceeds the limit of {POINTS_MAX}.");
        return Err(Error::validation(text));
    }
    let labels = default_labels(queries);
    let mut answers: Vec<Option<Answer>> = vec![None; queries.len()];
    for (at, query) in queries.iter().enumerate() {
        if let Source::Metric(stat) = &query.source {
            let label = query.label.clone().unwrap_or_else(|| labels[at].clone());
            answers[at] = Some(metric((host, hub), scope, stat, &label, span).await?);
        }
    }
    expressions(queries, &mut answers, (span, shortest))?;
    Ok(answers.into_iter().map(Option::unwrap_or_default).collect())
}

fn period_of(query: &Query) -> Option<i64> {
    match &query.source {
        Source::Metric(stat) => Some(stat.period_s),
        Source::Expression(_) => query.period_s,
    }
}

async fn metric(
    (host, hub): (&Host, &Hub),
    scope: &Scope,
    stat: &MetricStat,
    label: &str,
    span: Span,
) -> Result<Answer, Error> {
    let window = Window::rounded(span.start_ms, span.end_ms, stat.period_s, span.now_ms);
    let unit = stat.unit.as_deref().map(Unit::of);
    let mut units = read((host, hub), Id::of(scope, &stat.metric()), unit, window).await?;
    let mut names: Vec<&'static str> = units.keys().map(|unit| unit.name()).collect();
    names.sort_unstable();
    // Of several units the first by name, as recorded on AWS.
    let periods = names.first().and_then(|name| units.remove(&Unit::of(name))).unwrap_or_default();
    if names.len() < 2 {
        names.clear();
    }
    let statistic = Statistic::parse(&stat.stat);
    let value = |aggregate: &Aggregate| statistic.and_then(|statistic| statistic.of(aggregate));
    let points: BTreeMap<i64, f64> =
        periods.iter().filter_map(|(&at, aggregate)| Some((at, value(aggregate)?))).collect();
    let line = Line { label: label.to_owned(), period_s: stat.period_s, points };
    Ok(Answer { lines: vec![line], units: names, periods })
}

/// Evaluates the expressions, each after those that it names.
fn expressions(
    queries: &[Query],
    answers: &mut [Option<Answer>],
    (span, shortest): (Span, i64),
) -> Result<(), Error> {
    let fails = |id: &str, problem: &str| Error::validation(in_expression(id, problem));
    let mut values = HashMap::new();
    let mut metrics = Vec::new();
    for (query, answer) in queries.iter().zip(&*answers) {
        if let Some(line) = answer.as_ref().and_then(|answer| answer.lines.first()) {
            values.insert(query.id.clone(), Value::Line(line.clone()));
            metrics.push((query.id.clone(), line.clone()));
        }
    }
    let window = Window::rounded(span.start_ms, span.end_ms, shortest, span.now_ms);
    let starts: Vec<i64> = window.starts().collect();
    let mut waiting = Vec::new();
    for (at, query) in queries.iter().enumerate() {
        let Source::Expression(text) = &query.source else { continue };
        let expr = parse_expression(&query.id, text).map_err(Error::Validation)?;
        let mut names = HashSet::new();
        expr.names(&mut |name| {
            names.insert(name.to_owned());
        });
        if let Some(name) = names.iter().find(|name| !queries.iter().any(|query| query.id == **name)) {
            return Err(fails(&query.id, &format!("Undefined variable {name}")));
        }
        waiting.push((at, expr, names));
    }
    while !waiting.is_empty() {
        let is_ready = |names: &HashSet<String>| names.iter().all(|name| values.contains_key(name));
        let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, _, names)| is_ready(names));
        waiting = later;
        if let (true, Some((at, ..))) = (ready.is_empty(), waiting.first()) {
            return Err(fails(&queries[*at].id, "expressions refer to each other in a circle"));
        }
        for (at, expr, _) in ready {
            let query = &queries[at];
            let period_s = query.period_s.unwrap_or(shortest);
            let scope = evaluate::Scope { values: &values, metrics: &metrics, starts: &starts, period_s };
            let value = evaluate::evaluate(&expr, &scope).map_err(|problem| fails(&query.id, &problem))?;
            answers[at] = Some(Answer { lines: lines_of(query, &value, &scope)?, ..Answer::default() });
            values.insert(query.id.clone(), value);
        }
    }
    Ok(())
}

fn lines_of(query: &Query, value: &Value, scope: &evaluate::Scope<'_>) -> Result<Vec<Line>, Error> {
    let own = query.label.clone().unwrap_or_else(|| query.id.clone());
    Ok(match value {
        // A number is the same at every period.
        Value::Number(number) => vec![Line { label: own, ..evaluate::constant(*number, scope) }],
        Value::Line(line) => vec![Line { label: own, ..line.clone() }],
        Value::Lines(lines) => {
            let label = |line: &Line| match &query.label {
                Some(label) => label.clone(),
                None => [own.as_str(), &line.label].join(" ").trim_end().to_owned(),
            };
            lines.iter().map(|line| Line { label: label(line), ..line.clone() }).collect()
        }
        Value::Text(_) => {
            let text = in_expression(&query.id, "the result is no time series");
            return Err(Error::validation(text));
        }
    })
}

/// The metric's name; with the statistic and the period where the metrics of the request differ in them, as recorded on AWS.
fn default_labels(queries: &[Query]) -> Vec<String> {
    let stats: Vec<Option<&MetricStat>> = queries
        .iter()
        .map(|query| match &query.source {
            Source::Metric(stat) => Some(stat),
            Source::Expression(_) => None,
        })
        .collect();
    let differ = |part: fn(&MetricStat) -> String| {
        stats.iter().flatten().map(|stat| part(stat)).collect::<HashSet<_>>().len() > 1
    };
    let (by_stat, by_period) = (differ(|stat| stat.stat.clone()), differ(|stat| stat.period_s.to_string()));
    let label = |stat: &MetricStat| {
        let mut label = stat.name.clone();
        if by_stat {
            label = format!("{label} {}", stat.stat);
        }
        if by_period {
            label = format!("{label} {}", stat.period_s);
        }
        label
    };
    stats.into_iter().map(|stat| stat.map(label).unwrap_or_default()).collect()
}
