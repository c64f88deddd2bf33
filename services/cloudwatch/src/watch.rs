//! Evaluating alarms, changing their states, and taking their actions.
//!
//! Complete periods count: they end at the last full minute, or at the last ten seconds for shorter periods. A change of state is committed
//! together with its history and the actions that are to be taken; those are done afterwards, at least once. An action on a Lambda function
//! invokes it asynchronously; any other target does not exist in Loggia yet, and the history says that the action failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use kernel::functions::{FunctionCall, Invocation, Payload};
use kernel::identity::Principal;
use kernel::{Arn, Ctx, Failure, Fault, Host, Tx};
use serde_json::{Value as Json, json};

use crate::CloudWatch;
use crate::alarm::{Alarm, Happened, Pending, State, alarm_key, begin, moment};
use crate::answer::{Answer, Span, answer};
use crate::error::Error;
use crate::hub::Hub;
use crate::judge::{EXTRA_PERIODS, Point, Verdict, judge};
use crate::query::{Query, Source};
use crate::statistic::Statistic;

/// Who invokes functions for alarms (AWS: Using Amazon CloudWatch alarms, Lambda).
const INVOKER: &str = "lambda.alarms.cloudwatch.amazonaws.com";

/// What a new alarm's reason is.
pub const UNCHECKED: &str = "Unchecked: Initial alarm creation";

/// Evaluates an alarm, stores its new state if there is one, and takes the actions that wait.
pub async fn tend(host: &Arc<Host>, hub: &Hub, alarm: Alarm) -> Result<(), Fault> {
    let now_ms = host.clock.now_ms();
    let mut alarm = alarm;
    if now_ms >= alarm.held_until_ms
        && let Some(verdict) = evaluate(host, hub, &alarm, now_ms).await?
        && verdict.state != alarm.state
    {
        let mut tx = begin(host);
        let Some(current) = tx.get::<Alarm>(&alarm_key(&alarm.scope(), &alarm.name)).await? else {
            return Ok(());
        };
        // Somebody put or set it in between: it is looked at again soon.
        if current != alarm {
            return Ok(());
        }
        transition(host, &mut tx, &mut alarm, verdict)?;
        tx.commit().await?;
    }
    if alarm.pending.is_empty() { Ok(()) } else { act(host, alarm).await }
}

/// The end of the last complete period, in milliseconds since the epoch.
pub fn slot(alarm: &Alarm, now_ms: i64) -> i64 {
    now_ms - now_ms.rem_euclid(grain_ms(alarm))
}

/// How often new periods are complete, in milliseconds.
pub fn grain_ms(alarm: &Alarm) -> i64 {
    if alarm.period_s() < 60 { 10_000 } else { 60_000 }
}

async fn evaluate(host: &Host, hub: &Hub, alarm: &Alarm, now_ms: i64) -> Result<Option<Verdict>, Fault> {
    let (period_s, end_ms) = (alarm.period_s(), slot(alarm, now_ms));
    let count = alarm.evaluation_periods + EXTRA_PERIODS;
    let start_ms = end_ms - count * period_s * 1000;
    let queries = alarm.queries();
    let Some(returned) = queries.iter().position(|query| query.returns) else { return Ok(None) };
    let span = Span { start_ms, end_ms, now_ms };
    let answers = match answer((host, hub, &alarm.scope()), &queries, span).await {
        Ok(answers) => answers,
        Err(Error::Fault(fault)) => return Err(fault),
        // An expression that fails on this data gives no values.
        Err(_) => vec![Answer::default(); queries.len()],
    };
    let answer = &answers[returned];
    let none = BTreeMap::new();
    let points = answer.lines.first().map_or(&none, |line| &line.points);
    let samples = |at: i64| answer.periods.get(&at).map(|aggregate| aggregate.count);
    let range: Vec<(i64, Option<Point>)> = (0..count)
        .map(|at| start_ms / 1000 + at * period_s)
        .map(|at_s| {
            let point = points.get(&at_s).map(|value| Point { at_s, value: *value, samples: samples(at_s) });
            (at_s, point)
        })
        .collect();
    if alarm.low_samples.as_deref() == Some("ignore") && has_few_samples(&queries[returned], &range) {
        return Ok(None);
    }
    Ok(judge(alarm, &range, now_ms))
}

/// AWS: Percentile-based alarms and low data samples: fewer than 10/(1-p) values above the median, 10/p below.
fn has_few_samples(query: &Query, range: &[(i64, Option<Point>)]) -> bool {
    let Source::Metric(stat) = &query.source else { return false };
    let Some(Statistic::Percentile(rank)) = Statistic::parse(&stat.stat) else { return false };
    let share = rank / 100.0;
    let needed = if share >= 0.5 { 10.0 / (1.0 - share) } else { 10.0 / share };
    range
        .iter()
        .filter_map(|(_, point)| *point)
        .any(|point| point.samples.is_some_and(|count| count < needed))
}

/// Puts an alarm into a state, with its history and its actions.
pub fn transition(host: &Host, tx: &mut Tx, alarm: &mut Alarm, verdict: Verdict) -> Result<(), Fault> {
    let now_ms = host.clock.now_ms();
    let before = (alarm.state, alarm.reason.clone(), alarm.reason_data.clone(), alarm.state_updated_ms);
    let is_change = verdict.state != alarm.state;
    alarm.state = verdict.state;
    alarm.reason = verdict.reason;
    alarm.reason_data = Some(verdict.data).filter(|data| !data.is_empty());
    alarm.state_updated_ms = now_ms;
    if is_change {
        alarm.transitioned_ms = now_ms;
        let summary = format!("Alarm updated from {} to {}", before.0.name(), alarm.state.name());
        let old = described(
            "stateValue",
            "stateReason",
            "stateReasonData",
            (before.0, &before.1, before.2.as_deref()),
        );
        let new = described(
            "stateValue",
            "stateReason",
            "stateReasonData",
            (alarm.state, &alarm.reason, alarm.reason_data.as_deref()),
        );
        let data = json!({ "version": "1.0", "oldState": old, "newState": new });
        tx.put(&Happened::new(host, alarm, "StateUpdate", summary, &data))?;
        if alarm.actions_enabled {
            let event = event(host, alarm, &before).to_string();
            let actions = alarm.actions().to_vec();
            let pending = actions.into_iter().map(|arn| Pending { arn, at_ms: now_ms, event: event.clone() });
            alarm.pending.extend(pending);
        }
    }
    tx.put(alarm)
}

fn described(value: &str, reason: &str, data: &str, state: (State, &str, Option<&str>)) -> Json {
    let mut described = json!({ value: state.0.name(), reason: state.1 });
    if let Some(text) = state.2 {
        described[data] = serde_json::from_str(text).unwrap_or_else(|_| text.into());
    }
    described
}

/// What a function is given, as recorded on AWS.
fn event(host: &Host, alarm: &Alarm, before: &(State, String, Option<String>, i64)) -> Json {
    let state = |state: State, reason: &str, data: Option<&str>, at_ms: i64| {
        let mut shown = json!({ "value": state.name(), "reason": reason, "timestamp": moment(at_ms) });
        if let Some(data) = data {
            shown["reasonData"] = data.into();
        }
        shown
    };
    let metrics: Vec<Json> = alarm.queries().iter().map(|query| shown_query(host, alarm, query)).collect();
    let mut configuration = json!({ "metrics": metrics });
    if let Some(description) = &alarm.description {
        configuration["description"] = description.as_str().into();
    }
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn(),
        "accountId": alarm.account,
        "time": moment(alarm.state_updated_ms),
        "region": alarm.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": state(alarm.state, &alarm.reason, alarm.reason_data.as_deref(), alarm.state_updated_ms),
            "previousState": state(before.0, &before.1, before.2.as_deref(), before.3),
            "configuration": configuration,
        }
    })
}

fn shown_query(host: &Host, alarm: &Alarm, query: &Query) -> Json {
    let id = if alarm.metric.is_some() { host.entropy.uuid() } else { query.id.clone() };
    match &query.source {
        Source::Expression(text) => json!({ "id": id, "expression": text, "returnData": query.returns }),
        Source::Metric(stat) => {
            let dimensions: BTreeMap<_, _> = stat.dimensions.iter().cloned().collect();
            let mut shown = json!({
                "metric": { "namespace": stat.namespace, "name": stat.name, "dimensions": dimensions },
                "period": stat.period_s,
                "stat": stat.stat,
            });
            if let Some(unit) = &stat.unit {
                shown["unit"] = unit.as_str().into();
            }
            json!({ "id": id, "metricStat": shown, "returnData": query.returns })
        }
    }
}

/// Takes the actions that wait, then forgets them and writes what became of them.
async fn act(host: &Arc<Host>, alarm: Alarm) -> Result<(), Fault> {
    let mut done = Vec::with_capacity(alarm.pending.len());
    for pending in &alarm.pending {
        done.push((pending.clone(), take(host, &alarm, pending).await));
    }
    let mut tx = begin(host);
    if let Some(mut current) = tx.get::<Alarm>(&alarm_key(&alarm.scope(), &alarm.name)).await? {
        current.pending.retain(|pending| !alarm.pending.contains(pending));
        tx.put(&current)?;
    }
    for (pending, outcome) in done {
        let Pending { arn, at_ms, event } = pending;
        let (summary, state) = match outcome {
            Ok(()) => (format!("Successfully executed action {arn}"), "Succeeded"),
            Err(_) => (format!("Failed to execute action {arn}"), "Failed"),
        };
        let mut data = json!({
            "actionState": state,
            "stateUpdateTimestamp": at_ms,
            "notificationResource": arn,
            "publishedMessage": event,
        });
        if let Err(problem) = &outcome {
            data["error"] = problem.as_str().into();
        }
        tx.put(&Happened::new(host, &alarm, "Action", summary, &data))?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes one action; the error says why it did not work.
async fn take(host: &Arc<Host>, alarm: &Alarm, pending: &Pending) -> Result<(), String> {
    let service = Arn::parse(&pending.arn).map(|arn| arn.service).unwrap_or_default();
    if service != "lambda" {
        return Err(format!("Loggia does not implement alarm actions of {service} yet"));
    }
    let call = FunctionCall {
        function: pending.arn.clone(),
        caller: Principal::service(INVOKER),
        source_arn: Some(alarm.arn()),
        source_account: Some(alarm.account.clone()),
        is_event: true,
        invocation: Invocation {
            request_id: host.entropy.uuid(),
            payload: Payload { event: Bytes::from(pending.event.clone()), body: None },
            ..Invocation::default()
        },
    };
    match host.rooms().functions.call(call).await {
        Ok(_) => Ok(()),
        Err(Failure::Exception(exception)) => Err(format!("{}: {}", exception.code, exception.message)),
        Err(Failure::Fault(fault)) => {
            tracing::error!(alarm = alarm.name, error = %fault, "an alarm's action failed");
            Err("an internal error occurred".to_owned())
        }
    }
}

/// Changes alarms that are there.
pub async fn set_actions(
    cx: &Ctx<CloudWatch>,
    names: &[String],
    change: fn(&mut Alarm),
) -> Result<(), Fault> {
    let mut tx = begin(&cx.host);
    for name in names {
        if let Some(mut alarm) = tx.get::<Alarm>(&alarm_key(&cx.call.scope, name)).await? {
            change(&mut alarm);
            alarm.configured_ms = cx.now_ms();
            tx.put(&alarm)?;
        }
    }
    tx.commit().await?;
    Ok(())
}
