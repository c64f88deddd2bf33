//! The functions of metric math.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Expr;
use super::evaluate::{Line, Scope, Value, evaluate};

/// Words that functions know, which are not ids of queries.
pub fn is_word(name: &str) -> bool {
    matches!(name, "REPEAT" | "LINEAR" | "ASC" | "DESC" | "MIN" | "MAX" | "AVG" | "SUM")
}

/// Calls a function; its name is in upper case.
pub fn call(name: &str, arguments: &[Expr], scope: &Scope<'_>) -> Result<Value, String> {
    if let "SEARCH"
    | "ANOMALY_DETECTION_BAND"
    | "INSIGHT_RULE_METRIC"
    | "SERVICE_QUOTA"
    | "LAMBDA"
    | "DB_PERF_INSIGHTS" = name
    {
        return Err(format!("Loggia does not implement the function {name} yet"));
    }
    let counts = match name {
        "METRICS" | "TIME_SERIES" => 0..=1,
        "IF" => 2..=3,
        "FILL" => 2..=2,
        "SLICE" => 2..=3,
        "SORT" => 3..=4,
        _ => 1..=1,
    };
    if !counts.contains(&arguments.len()) {
        return Err(format!("The function {name} does not take {} arguments", arguments.len()));
    }
    match name {
        "METRICS" => return metrics(arguments, scope),
        "FILL" => return fill(&arguments[0], &arguments[1], scope),
        "SORT" => return sort(arguments, scope),
        _ => {}
    }
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        values.push(evaluate(argument, scope)?);
    }
    match (name, values.as_slice()) {
        ("IF", [condition, yes]) => choose(condition, yes, None),
        ("IF", [condition, yes, no]) => choose(condition, yes, Some(no)),
        ("TIME_SERIES", [Value::Number(number)]) => Ok(Value::Line(constant(*number, scope))),
        ("SLICE", [Value::Lines(lines), Value::Number(from)]) => Ok(slice(lines, *from, None)),
        ("SLICE", [Value::Lines(lines), Value::Number(from), Value::Number(to)]) => {
            Ok(slice(lines, *from, Some(*to)))
        }
        ("METRIC_COUNT", [Value::Lines(lines)]) => Ok(Value::Number(lines.len() as f64)),
        ("REMOVE_EMPTY", [Value::Lines(lines)]) => {
            Ok(Value::Lines(lines.iter().filter(|line| !line.points.is_empty()).cloned().collect()))
        }
        (_, [value]) => one(name, value),
        _ => Err(format!("The function {name} does not take these arguments")),
    }
}

/// A function of one value.
fn one(name: &str, value: &Value) -> Result<Value, String> {
    let number: Option<fn(f64) -> f64> = match name {
        "ABS" => Some(f64::abs),
        "CEIL" => Some(f64::ceil),
        "FLOOR" => Some(f64::floor),
        "LOG" => Some(f64::ln),
        "LOG10" => Some(f64::log10),
        _ => None,
    };
    if let Some(function) = number {
        let finite = |value: f64| Some(function(value)).filter(|value| value.is_finite());
        return match value {
            Value::Number(value) => {
                finite(*value).map(Value::Number).ok_or_else(|| format!("{name}({value}) has no value"))
            }
            _ => each(name, value, |line| line.map(|_, value| finite(value))),
        };
    }
    if let Some(sum_up) = summary(name) {
        return match value {
            Value::Number(value) => Ok(Value::Number(*value)),
            Value::Line(line) => Ok(Value::Number(sum_up(&values_of(line)).unwrap_or(0.0))),
            Value::Lines(lines) => Ok(Value::Line(across(lines, sum_up))),
            Value::Text(_) => Err(format!("The function {name} does not take a text")),
        };
    }
    let scalar = |pick: fn(&Line) -> Option<f64>| match value {
        Value::Line(line) => Ok(Value::Number(pick(line).unwrap_or(0.0))),
        _ => Err(format!("The function {name} takes a time series")),
    };
    match name {
        "PERIOD" => scalar(|line| Some(line.period_s as f64)),
        "FIRST" => scalar(|line| line.points.values().next().copied()),
        "LAST" => scalar(|line| line.points.values().next_back().copied()),
        "DATAPOINT_COUNT" => scalar(|line| Some(line.points.len() as f64)),
        "RATE" => each(name, value, |line| steps(line, |change, seconds| change / seconds)),
        "DIFF" => each(name, value, |line| steps(line, |change, _| change)),
        "DIFF_TIME" => each(name, value, |line| steps(line, |_, seconds| seconds)),
        "RUNNING_SUM" => each(name, value, |line| {
            let mut sum = 0.0;
            let points = line.points.iter().map(|(&at, &value)| {
                sum += value;
                (at, sum)
            });
            Line { points: points.collect(), ..line.clone() }
        }),
        "EPOCH" | "MINUTE" | "HOUR" | "DAY" | "DATE" | "MONTH" | "YEAR" => {
            each(name, value, |line| line.map(|at, _| calendar(name, at)))
        }
        _ => Err(format!("Unknown function {name}")),
    }
}

fn each(name: &str, value: &Value, change: impl Fn(&Line) -> Line) -> Result<Value, String> {
    match value {
        Value::Line(line) => Ok(Value::Line(change(line))),
        Value::Lines(lines) => Ok(Value::Lines(lines.iter().map(change).collect())),
        Value::Number(_) | Value::Text(_) => Err(format!("The function {name} takes time series")),
    }
}

/// What makes one number of many; nothing of none.
type SumUp = fn(&[f64]) -> Option<f64>;

fn summary(name: &str) -> Option<SumUp> {
    Some(match name {
        "SUM" => |values| (!values.is_empty()).then(|| values.iter().sum()),
        "MIN" => |values| values.iter().copied().reduce(f64::min),
        "MAX" => |values| values.iter().copied().reduce(f64::max),
        "AVG" => average,
        "STDDEV" => |values| {
            let mean = average(values)?;
            average(&values.iter().map(|value| (value - mean).powi(2)).collect::<Vec<_>>()).map(f64::sqrt)
        },
        _ => return None,
    })
}

fn values_of(line: &Line) -> Vec<f64> {
    line.points.values().copied().collect()
}

fn average(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// One series of several: at each moment where one of them has a value, what `sum_up` makes of all that have.
fn across(lines: &[Line], sum_up: SumUp) -> Line {
    let mut moments: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (&at, &value) in lines.iter().flat_map(|line| &line.points) {
        moments.entry(at).or_default().push(value);
    }
    let points = moments.iter().filter_map(|(&at, values)| Some((at, sum_up(values)?)));
    let period_s = lines.iter().map(|line| line.period_s).min().unwrap_or(60);
    Line { label: String::new(), period_s, points: points.collect() }
}

/// Each value with the one before it: how much it changed, in how many seconds.
fn steps(line: &Line, step: impl Fn(f64, f64) -> f64) -> Line {
    let pairs = line.points.iter().zip(line.points.iter().skip(1));
    let points = pairs.map(|((&from, old), (&to, new))| (to, step(new - old, (to - from) as f64)));
    Line { points: points.collect(), ..line.clone() }
}

fn metrics(arguments: &[Expr], scope: &Scope<'_>) -> Result<Value, String> {
    let part = match arguments {
        [] => "",
        [Expr::Text(text)] => text.as_str(),
        _ => return Err("The function METRICS takes a text".to_owned()),
    };
    let chosen = scope.metrics.iter().filter(|(id, _)| id.contains(part));
    Ok(Value::Lines(chosen.map(|(_, line)| line.clone()).collect()))
}

/// What stands at a moment without a value.
type Filler = Box<dyn Fn(&Line, i64) -> Option<f64>>;

/// `FILL(m1, 0)`, `FILL(m1, m2)`, `FILL(METRICS(), REPEAT)`, `FILL(m1, LINEAR)`: a value for every period of the request.
fn fill(what: &Expr, with: &Expr, scope: &Scope<'_>) -> Result<Value, String> {
    let value = evaluate(what, scope)?;
    let filler: Filler = match with {
        Expr::Name(name) if name == "REPEAT" => {
            Box::new(|line, at| line.points.range(..at).next_back().map(|(_, value)| *value))
        }
        Expr::Name(name) if name == "LINEAR" => Box::new(|line, at| {
            let (before, old) = line.points.range(..at).next_back()?;
            let (after, new) = line.points.range(at..).next()?;
            Some(old + (new - old) * (at - before) as f64 / (after - before) as f64)
        }),
        _ => match evaluate(with, scope)? {
            Value::Number(number) => Box::new(move |_, _| Some(number)),
            Value::Line(other) => Box::new(move |_, at| other.points.get(&at).copied()),
            _ => {
                return Err(
                    "The function FILL fills with a number, a time series, REPEAT or LINEAR".to_owned()
                );
            }
        },
    };
    each("FILL", &value, |line| {
        let step = |at: &i64| (at - scope.starts.first().unwrap_or(at)) % line.period_s.max(1) == 0;
        let gaps = scope.starts.iter().filter(|at| step(at) && !line.points.contains_key(at));
        let filled: Vec<_> = gaps.filter_map(|&at| Some((at, filler(line, at)?))).collect();
        let mut full = line.clone();
        full.points.extend(filled);
        full
    })
}

fn choose(condition: &Value, yes: &Value, no: Option<&Value>) -> Result<Value, String> {
    let pick = |value: &Value, at: i64| match value {
        Value::Number(number) => Some(*number),
        Value::Line(line) => line.points.get(&at).copied(),
        Value::Lines(_) | Value::Text(_) => None,
    };
    if [Some(yes), no].into_iter().flatten().any(|value| matches!(value, Value::Lines(_) | Value::Text(_))) {
        return Err("The function IF chooses between numbers and time series".to_owned());
    }
    match condition {
        Value::Number(number) if *number != 0.0 => Ok(yes.clone()),
        Value::Number(_) => no.cloned().ok_or_else(|| "The function IF has nothing to choose".to_owned()),
        Value::Line(line) => Ok(Value::Line(line.map(|at, value| match value != 0.0 {
            true => pick(yes, at),
            false => no.and_then(|no| pick(no, at)),
        }))),
        Value::Lines(_) | Value::Text(_) => {
            Err("The function IF decides by a number or a time series".to_owned())
        }
    }
}

/// A series that has the same value in every period.
pub fn constant(number: f64, scope: &Scope<'_>) -> Line {
    let first = scope.starts.first().copied().unwrap_or(0);
    let period_s = scope.period_s.max(1);
    let starts = scope.starts.iter().filter(|at| (*at - first) % period_s == 0);
    Line { label: String::new(), period_s, points: starts.map(|at| (*at, number)).collect() }
}

fn slice(lines: &[Line], from: f64, to: Option<f64>) -> Value {
    // `SLICE(lines, n)` is the first n; with both, from (excluded none) to (excluded).
    let (from, to) = to.map_or((0.0, from), |to| (from, to));
    let taken = lines.iter().skip(from.max(0.0) as usize).take((to - from).max(0.0) as usize);
    Value::Lines(taken.cloned().collect())
}

/// `SORT(lines, SUM|MIN|MAX|AVG, ASC|DESC, n)`.
fn sort(arguments: &[Expr], scope: &Scope<'_>) -> Result<Value, String> {
    let wrong =
        || "SORT takes time series, one of SUM, MIN, MAX and AVG, ASC or DESC, and a number".to_owned();
    let (Value::Lines(mut lines), Expr::Name(by), Expr::Name(order)) =
        (evaluate(&arguments[0], scope)?, &arguments[1], &arguments[2])
    else {
        return Err(wrong());
    };
    let sum_up = summary(by).ok_or_else(wrong)?;
    let rank = |line: &Line| sum_up(&values_of(line)).unwrap_or(f64::NEG_INFINITY);
    lines.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
    match order.as_str() {
        "ASC" => {}
        "DESC" => lines.reverse(),
        _ => return Err(wrong()),
    }
    match arguments.get(3) {
        None => {}
        Some(Expr::Number(limit)) => lines.truncate(*limit as usize),
        Some(_) => return Err(wrong()),
    }
    Ok(Value::Lines(lines))
}

/// A part of a moment's date, in UTC. Days of the week begin with Monday as 1.
fn calendar(name: &str, at_s: i64) -> Option<f64> {
    let date = Timestamp::from_second(at_s).ok()?.to_zoned(TimeZone::UTC);
    Some(match name {
        "EPOCH" => at_s as f64,
        "MINUTE" => f64::from(date.minute()),
        "HOUR" => f64::from(date.hour()),
        "DAY" => f64::from(date.weekday().to_monday_one_offset()),
        "DATE" => f64::from(date.day()),
        "MONTH" => f64::from(date.month()),
        _ => f64::from(date.year()),
    })
}
