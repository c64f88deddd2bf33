//! Queries of metric data: metrics and expressions over them, as `GetMetricData` and alarms have them.

use kernel::Scope;
use kernel::metrics::Metric;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::generated::{self, MetricDataQuery};
use crate::math::{self, Expr};
use crate::statistic::Statistic;

/// Most queries of one request (AWS: GetMetricData).
pub const QUERIES_MAX: usize = 500;

/// One query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Its name in expressions.
    pub id: String,
    /// What it gives.
    pub source: Source,
    /// What it is called in answers.
    pub label: Option<String>,
    /// True if it is part of the answer.
    pub returns: bool,
    /// Length of an expression's periods, in seconds.
    pub period_s: Option<i64>,
}

/// What a query gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// A metric's statistic.
    Metric(MetricStat),
    /// Metric math.
    Expression(String),
}

/// A metric's statistic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricStat {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Dimensions.
    pub dimensions: Vec<(String, String)>,
    /// Length of a period, in seconds.
    pub period_s: i64,
    /// Statistic, as text.
    pub stat: String,
    /// Only values of this unit.
    pub unit: Option<String>,
}

impl MetricStat {
    /// What identifies the metric.
    pub fn metric(&self) -> Metric {
        let MetricStat { namespace, name, dimensions, .. } = self.clone();
        Metric { namespace, name, dimensions, unit: String::new() }
    }
}

/// Reads queries, and says in AWS's texts what is wrong with them: all of it, a line each.
pub fn parse(scope: &Scope, queries: Vec<MetricDataQuery>) -> Result<Vec<Query>, Error> {
    if queries.len() > QUERIES_MAX {
        let text =
            format!("The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}.");
        return Err(Error::validation(text));
    }
    let mut wrong = Vec::new();
    let mut parsed: Vec<Query> = Vec::with_capacity(queries.len());
    for (index, query) in queries.into_iter().enumerate() {
        let place = format!("MetricDataQueries.member.{}", index + 1);
        match parse_one(scope, &place, query) {
            Ok(query) => parsed.push(query),
            Err(text) => wrong.push(text),
        }
    }
    let mut ids: Vec<&str> = parsed.iter().map(|query| query.id.as_str()).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        wrong.push("The values for parameter id in MetricDataQueries are not unique.".to_owned());
    }
    if wrong.is_empty() { Ok(parsed) } else { Err(Error::validation(wrong.join("\n"))) }
}

fn parse_one(scope: &Scope, place: &str, query: MetricDataQuery) -> Result<Query, String> {
    let MetricDataQuery { id, metric_stat, expression, label, return_data, period, account_id } = query;
    let is_id = id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_id {
        return Err(format!(
            "The value {id} for parameter {place}.Id is not valid: an id begins with a lowercase letter and contains only letters, numbers and underscores."
        ));
    }
    if account_id.is_some_and(|account| account != scope.account) {
        return Err(format!(
            "The parameter {place}.AccountId must be the account of the request: there are no linked accounts."
        ));
    }
    if let Some(period) = period.filter(|period| !is_period(*period)) {
        return Err(bad_period(&format!("{place}.Period"), period));
    }
    let source = match (metric_stat, expression) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "The parameters {place}.MetricStat and {place}.Expression are mutually exclusive and you have specified both."
            ));
        }
        (None, None) => {
            return Err(format!(
                "Either the parameter {place}.MetricStat or {place}.Expression must be specified."
            ));
        }
        (None, Some(expression)) => {
            parse_expression(&id, &expression)?;
            Source::Expression(expression)
        }
        (Some(stat), None) => Source::Metric(parse_stat(place, stat)?),
    };
    Ok(Query { id, source, label, returns: return_data.unwrap_or(true), period_s: period })
}

/// Parses the expression of a query.
pub fn parse_expression(id: &str, text: &str) -> Result<Expr, String> {
    if text.trim_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("select")) {
        return Err(in_expression(id, "Loggia does not implement Metrics Insights queries yet"));
    }
    math::parse(text).map_err(|problem| in_expression(id, &problem))
}

/// What is wrong with an expression.
pub fn in_expression(id: &str, problem: &str) -> String {
    format!("Error in expression '{id}': {problem}")
}

fn parse_stat(place: &str, stat: generated::MetricStat) -> Result<MetricStat, String> {
    let generated::MetricStat { metric, period, stat, unit } = stat;
    if Statistic::parse(&stat).is_none() {
        return Err(format!(
            "The value {stat} for parameter {place}.MetricStat.Stat is not a valid statistic."
        ));
    }
    if !is_period(period) {
        return Err(bad_period(&format!("{place}.MetricStat.Period"), period));
    }
    let required = |member: &str, value: Option<String>| {
        value.ok_or_else(|| format!("The parameter {place}.MetricStat.Metric.{member} is required."))
    };
    Ok(MetricStat {
        namespace: required("Namespace", metric.namespace)?,
        name: required("MetricName", metric.metric_name)?,
        dimensions: dimensions(metric.dimensions),
        period_s: period,
        stat,
        unit,
    })
}

/// Names and values.
pub fn dimensions(dimensions: Option<Vec<generated::Dimension>>) -> Vec<(String, String)> {
    dimensions.unwrap_or_default().into_iter().map(|one| (one.name, one.value)).collect()
}

/// Names and values for an answer.
pub fn to_dimensions(dimensions: Vec<(String, String)>) -> Vec<generated::Dimension> {
    dimensions.into_iter().map(|(name, value)| generated::Dimension { name, value }).collect()
}

/// True for 1, 5, 10, 20, 30 and the multiples of 60 (AWS: MetricStat).
pub fn is_period(period: i64) -> bool {
    matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % 60 == 0)
}

/// The text for a period that is none.
pub fn bad_period(place: &str, period: i64) -> String {
    format!(
        "The value {period} for parameter {place} is not valid: it must be 1, 5, 10, 20, 30 or a multiple of 60."
    )
}

impl Query {
    /// As it came.
    pub fn to_wire(&self) -> MetricDataQuery {
        let mut query = MetricDataQuery {
            id: self.id.clone(),
            label: self.label.clone(),
            return_data: Some(self.returns),
            period: self.period_s,
            ..MetricDataQuery::default()
        };
        match &self.source {
            Source::Expression(text) => query.expression = Some(text.clone()),
            Source::Metric(stat) => {
                let MetricStat { namespace, name, dimensions, period_s, stat, unit } = stat.clone();
                let metric = generated::Metric {
                    namespace: Some(namespace),
                    metric_name: Some(name),
                    dimensions: Some(to_dimensions(dimensions)),
                };
                query.metric_stat = Some(generated::MetricStat { metric, period: period_s, stat, unit });
            }
        }
        query
    }
}
