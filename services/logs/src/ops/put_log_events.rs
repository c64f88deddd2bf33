//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
//!
//! A sequence token is taken and ignored; a new one is still handed out, as AWS does.

use kernel::Ctx;
use kernel::log_sink::LogEvent;

use crate::Logs;
use crate::error::Error;
use crate::generated::{InputLogEvent, PutLogEventsRequest, PutLogEventsResponse, RejectedLogEventsInfo};
use crate::names;
use crate::tables::{DAY_MS, Stream, load, stream_key};
use crate::write::{Append, EVENT_OVERHEAD_BYTES, Missing, append};

/// Most bytes of a batch, 26 for each event included.
const BATCH_BYTES_MAX: usize = 1_048_576;
/// Longest time between the first and the last event.
const SPAN_MS_MAX: i64 = DAY_MS;
/// How old an event may be.
const AGE_MS_MAX: i64 = 14 * DAY_MS;
/// How far in the future an event may be.
const FUTURE_MS_MAX: i64 = 2 * 60 * 60 * 1000;

pub(crate) async fn put_log_events(
    cx: &Ctx<Logs>,
    req: PutLogEventsRequest,
) -> Result<PutLogEventsResponse, Error> {
    let (now_ms, scope) = (cx.now_ms(), &cx.call.scope);
    let snapshot = cx.host.telemetry.snapshot();
    let group = match names::group(cx, &*snapshot, &req.log_group_name).await {
        Err(Error::GroupNotFound) => {
            names::settle(cx).await?;
            names::group(cx, &*cx.host.telemetry.snapshot(), &req.log_group_name).await?
        }
        other => other?,
    };
    let key = stream_key(scope, &req.log_group_name, &req.log_stream_name);
    if load::<Stream>(&*cx.host.telemetry.snapshot(), &key).await?.is_none() {
        return Err(Error::StreamNotFound);
    }
    let bytes: usize = req.log_events.iter().map(|event| event.message.len() + EVENT_OVERHEAD_BYTES).sum();
    if bytes > BATCH_BYTES_MAX {
        let text = format!("Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES_MAX}");
        return Err(Error::invalid(text));
    }
    if !req.log_events.is_sorted_by_key(|event| event.timestamp) {
        let text = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(Error::invalid(text));
    }
    let (events, rejected) = accept(req.log_events, now_ms, group.kept_since_ms(now_ms));
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.timestamp_ms - first.timestamp_ms > SPAN_MS_MAX
    {
        let text = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
        return Err(Error::invalid(text));
    }
    let token = format!("49{}", cx.host.entropy.text(54, b"0123456789"));
    let (group, stream) = (req.log_group_name, req.log_stream_name);
    let batch = Append { scope: scope.clone(), group, stream, events, token: Some(token.clone()) };
    append(&cx.host, &cx.service.sink.numbers, &[batch], Missing::Refuse).await?;
    Ok(PutLogEventsResponse {
        next_sequence_token: Some(token),
        rejected_log_events_info: rejected,
        rejected_entity_info: None,
    })
}

/// Parts the events, which are in order, into those that are kept and those that are too old or too new.
fn accept(
    events: Vec<InputLogEvent>,
    now_ms: i64,
    kept_since_ms: i64,
) -> (Vec<LogEvent>, Option<RejectedLogEventsInfo>) {
    let count =
        |is_counted: &dyn Fn(i64) -> bool| events.partition_point(|event| is_counted(event.timestamp));
    let too_old = count(&|at| at < now_ms - AGE_MS_MAX);
    let expired = count(&|at| at < kept_since_ms);
    let too_new = count(&|at| at <= now_ms + FUTURE_MS_MAX);
    let total = events.len();
    let index = |index: usize, is_shown: bool| is_shown.then_some(index as i64);
    let rejected = RejectedLogEventsInfo {
        too_new_log_event_start_index: index(too_new, too_new < total),
        too_old_log_event_end_index: index(too_old, too_old > 0),
        expired_log_event_end_index: index(expired, expired > too_old),
    };
    let is_whole = rejected == RejectedLogEventsInfo::default();
    let kept = events.into_iter().take(too_new).skip(too_old.max(expired));
    let kept = kept.map(|event| LogEvent { timestamp_ms: event.timestamp, message: event.message });
    (kept.collect(), (!is_whole).then_some(rejected))
}
