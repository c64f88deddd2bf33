//! Alarms, dashboards and the history of alarms as they are stored: in the control store, in one space for all accounts and regions, so
//! that the task that evaluates alarms finds them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{Host, Key, Record, Scope, Tx};
use serde::{Deserialize, Serialize};

use crate::generated::MetricAlarm;
use crate::query::{MetricStat, Query, Source, to_dimensions};

/// Most alarms of an account in a region (AWS: CloudWatch service quotas).
pub const ALARMS_MAX: usize = 5_000;

/// A transaction over everything that is not measurements.
pub fn begin(host: &Host) -> Tx {
    Tx::new(Arc::clone(&host.store), Key::new().text("cloudwatch").text("all"))
}

/// State of an alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Not known.
    #[default]
    InsufficientData,
    /// The threshold is not crossed.
    Ok,
    /// It is.
    Alarm,
}

impl State {
    /// AWS's word.
    pub fn name(self) -> &'static str {
        match self {
            State::InsufficientData => "INSUFFICIENT_DATA",
            State::Ok => "OK",
            State::Alarm => "ALARM",
        }
    }

    /// The state of this name, which the model has checked.
    pub fn of(name: &str) -> State {
        match name {
            "OK" => State::Ok,
            "ALARM" => State::Alarm,
            _ => State::InsufficientData,
        }
    }
}

/// An alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarm {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// False if nothing happens when the state changes.
    pub actions_enabled: bool,
    /// What happens on `OK`.
    pub ok_actions: Vec<String>,
    /// What happens on `ALARM`.
    pub alarm_actions: Vec<String>,
    /// What happens on `INSUFFICIENT_DATA`.
    pub insufficient_actions: Vec<String>,
    /// The one metric, unless there are `queries`.
    pub metric: Option<MetricStat>,
    /// True if the metric's statistic was given as an extended one.
    pub is_extended: bool,
    /// Metric math; exactly one of them returns data.
    pub queries: Vec<Query>,
    /// N.
    pub evaluation_periods: i64,
    /// M, if it was given.
    pub datapoints_to_alarm: Option<i64>,
    /// Threshold.
    pub threshold: f64,
    /// Such as `GreaterThanThreshold`.
    pub comparison: String,
    /// `missing` (if absent), `ignore`, `breaching` or `notBreaching`.
    pub treat_missing: Option<String>,
    /// `evaluate` (if absent) or `ignore`.
    pub low_samples: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// State.
    pub state: State,
    /// Why.
    pub reason: String,
    /// Why, as JSON.
    pub reason_data: Option<String>,
    /// When it was put, in milliseconds since the epoch.
    pub configured_ms: i64,
    /// When the state was last set.
    pub state_updated_ms: i64,
    /// When the state last became another.
    pub transitioned_ms: i64,
    /// Until when a state that was set by hand stays.
    pub held_until_ms: i64,
    /// Actions that are still to be taken.
    pub pending: Vec<Pending>,
}

/// An action that is to be taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// What it is done to.
    pub arn: String,
    /// When the state changed, in milliseconds since the epoch.
    pub at_ms: i64,
    /// The event, as JSON.
    pub event: String,
}

impl Record for Alarm {
    const TABLE: &'static str = "alarms";
    fn key(&self) -> Key {
        alarm_key(&self.scope(), &self.name)
    }
}

/// Where the alarms of an account and region are.
pub fn alarms_of(scope: &Scope) -> Key {
    Key::new().text(&scope.account).text(&scope.region)
}

/// Where an alarm is.
pub fn alarm_key(scope: &Scope, name: &str) -> Key {
    alarms_of(scope).text(name)
}

impl Alarm {
    /// Account and region.
    pub fn scope(&self) -> Scope {
        Scope::new(&self.account, &self.region)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        alarm_arn(&self.scope(), &self.name)
    }

    /// What it watches, as queries.
    pub fn queries(&self) -> Vec<Query> {
        match &self.metric {
            Some(stat) => vec![Query {
                id: "m1".to_owned(),
                source: Source::Metric(stat.clone()),
                label: None,
                returns: true,
                period_s: None,
            }],
            None => self.queries.clone(),
        }
    }

    /// Length of its periods, in seconds: of metric math the shortest.
    pub fn period_s(&self) -> i64 {
        let period = |query: &Query| match &query.source {
            Source::Metric(stat) => Some(stat.period_s),
            Source::Expression(_) => query.period_s,
        };
        self.queries().iter().filter_map(period).min().unwrap_or(60).max(1)
    }

    /// Whether a value crosses the threshold.
    pub fn is_breached_by(&self, value: f64) -> bool {
        match self.comparison.as_str() {
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "GreaterThanThreshold" => value > self.threshold,
            "LessThanThreshold" => value < self.threshold,
            _ => value <= self.threshold,
        }
    }

    /// What happens in its present state.
    pub fn actions(&self) -> &[String] {
        match self.state {
            State::Ok => &self.ok_actions,
            State::Alarm => &self.alarm_actions,
            State::InsufficientData => &self.insufficient_actions,
        }
    }

    /// As it is described.
    pub fn to_wire(&self) -> MetricAlarm {
        let time = |ms: i64| Some(wire::Timestamp(ms));
        let mut shown = MetricAlarm {
            alarm_name: Some(self.name.clone()),
            alarm_arn: Some(self.arn()),
            alarm_description: self.description.clone(),
            alarm_configuration_updated_timestamp: time(self.configured_ms),
            actions_enabled: Some(self.actions_enabled),
            ok_actions: Some(self.ok_actions.clone()),
            alarm_actions: Some(self.alarm_actions.clone()),
            insufficient_data_actions: Some(self.insufficient_actions.clone()),
            state_value: Some(self.state.name().to_owned()),
            state_reason: Some(self.reason.clone()),
            state_reason_data: self.reason_data.clone(),
            state_updated_timestamp: time(self.state_updated_ms),
            state_transitioned_timestamp: time(self.transitioned_ms),
            evaluation_periods: Some(self.evaluation_periods),
            datapoints_to_alarm: self.datapoints_to_alarm,
            threshold: Some(self.threshold),
            comparison_operator: Some(self.comparison.clone()),
            treat_missing_data: self.treat_missing.clone(),
            evaluate_low_sample_count_percentile: self.low_samples.clone(),
            ..MetricAlarm::default()
        };
        if let Some(stat) = self.metric.clone() {
            shown.metric_name = Some(stat.name);
            shown.namespace = Some(stat.namespace);
            shown.dimensions = Some(to_dimensions(stat.dimensions));
            shown.period = Some(stat.period_s);
            shown.unit = stat.unit;
            match self.is_extended {
                true => shown.extended_statistic = Some(stat.stat),
                false => shown.statistic = Some(stat.stat),
            }
        } else {
            shown.dimensions = Some(Vec::new());
            shown.metrics = Some(self.queries.iter().map(Query::to_wire).collect());
        }
        shown
    }
}

/// ARN of an alarm.
pub fn alarm_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", scope.region, scope.account)
}

/// An entry of an alarm's history, which stays when the alarm is gone. AWS keeps it for 30 days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Happened {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// The alarm's name.
    pub alarm: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Tells apart what happened at the same moment, in order.
    pub number: u64,
    /// `ConfigurationUpdate`, `StateUpdate` or `Action`.
    pub kind: String,
    /// One line.
    pub summary: String,
    /// JSON.
    pub data: String,
}

/// Kinds of entries, in the order in which they happen at one moment.
const KINDS: [&str; 3] = ["ConfigurationUpdate", "StateUpdate", "Action"];
/// How long history is kept, in milliseconds.
pub const HISTORY_MS: i64 = 30 * 86_400_000;
/// Longest `HistoryData`, in characters (AWS: AlarmHistoryItem).
const DATA_CHARS_MAX: usize = 4_095;

impl Record for Happened {
    const TABLE: &'static str = "history";
    fn key(&self) -> Key {
        let at = self.at_ms.max(0).unsigned_abs();
        history_of(&Scope::new(&self.account, &self.region), Some(&self.alarm)).number(at).number(self.number)
    }
}

/// Where the history of an alarm is, or of all of an account and region.
pub fn history_of(scope: &Scope, alarm: Option<&str>) -> Key {
    let key = Key::new().text(&scope.account).text(&scope.region);
    alarm.map_or(key.clone(), |alarm| key.text(alarm))
}

impl Happened {
    /// Something that happened to an alarm.
    pub fn new(
        host: &Host,
        alarm: &Alarm,
        kind: &str,
        summary: String,
        data: &serde_json::Value,
    ) -> Happened {
        let mut random = [0; 7];
        host.entropy.fill(&mut random);
        let rank = KINDS.iter().position(|name| *name == kind).unwrap_or(KINDS.len()) as u64;
        let number = random.iter().fold(rank, |number, byte| number << 8 | u64::from(*byte));
        let data = data.to_string();
        Happened {
            account: alarm.account.clone(),
            region: alarm.region.clone(),
            alarm: alarm.name.clone(),
            at_ms: host.clock.now_ms(),
            number,
            kind: kind.to_owned(),
            summary: summary.chars().take(255).collect(),
            data: data.chars().take(DATA_CHARS_MAX).collect(),
        }
    }
}

/// A dashboard. They have no region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dashboard {
    /// Account.
    pub account: String,
    /// Name.
    pub name: String,
    /// JSON, as it came.
    pub body: String,
    /// When it was last put, in milliseconds since the epoch.
    pub modified_ms: i64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Record for Dashboard {
    const TABLE: &'static str = "dashboards";
    fn key(&self) -> Key {
        dashboard_key(&self.account, &self.name)
    }
}

/// Where a dashboard is.
pub fn dashboard_key(account: &str, name: &str) -> Key {
    Key::new().text(account).text(name)
}

/// ARN of a dashboard.
pub fn dashboard_arn(account: &str, name: &str) -> String {
    format!("arn:aws:cloudwatch::{account}:dashboard/{name}")
}

/// A moment as AWS writes it in alarms' JSON: `2023-10-26T16:42:00.000+0000`.
pub fn moment(ms: i64) -> String {
    formatted(ms, "%Y-%m-%dT%H:%M:%S.%3f+0000")
}

/// A moment as AWS writes it in reasons: `26/10/23 16:42:00`.
pub fn short_moment(ms: i64) -> String {
    formatted(ms, "%d/%m/%y %H:%M:%S")
}

fn formatted(ms: i64, format: &str) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.to_zoned(TimeZone::UTC).strftime(format).to_string()
}
