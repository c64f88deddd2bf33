//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
//!
//! `storedBytes` is always 0, as AWS documents. Streams without events come first in the order of their last event.

use kernel::Ctx;
use kernel::store::Range;

use crate::Logs;
use crate::error::Error;
use crate::generated::{DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream};
use crate::names;
use crate::tables::{Stream, list, streams_of};

/// Streams on a page, if the request does not say.
const PAGE: i64 = 50;

pub(crate) async fn describe_log_streams(
    cx: &Ctx<Logs>,
    req: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, Error> {
    let by_time = req.order_by.as_deref() == Some("LastEventTime");
    if by_time && req.log_stream_name_prefix.is_some() {
        return Err(Error::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let name = names::group_name(&cx.call.scope, req.log_group_name, req.log_group_identifier)?;
    names::settle(cx).await?;
    let snapshot = cx.host.telemetry.snapshot();
    let group = names::group(cx, &*snapshot, &name).await?;
    let all =
        list::<Stream>(&*snapshot, Range::prefix(&streams_of(&cx.call.scope, &name), usize::MAX)).await?;
    let has_prefix =
        |stream: &Stream| req.log_stream_name_prefix.as_ref().is_none_or(|p| stream.name.starts_with(p));
    // The name that a page ends with, after the time that it is sorted by.
    let place = |stream: &Stream| match by_time {
        true => format!("{:020}/{}", stream.last_ms.unwrap_or(0), stream.name),
        false => stream.name.clone(),
    };
    let mut streams: Vec<(String, Stream)> = all
        .into_iter()
        .map(|(_, stream)| stream)
        .filter(has_prefix)
        .map(|stream| (place(&stream), stream))
        .collect();
    streams.sort_by(|a, b| a.0.cmp(&b.0));
    let is_descending = req.descending.unwrap_or_default();
    if is_descending {
        streams.reverse();
    }
    if let Some(after) = req.next_token.as_deref().map(names::after_token).transpose()? {
        streams.retain(|(place, _)| if is_descending { *place < after } else { *place > after });
    }
    let limit = usize::try_from(req.limit.unwrap_or(PAGE)).unwrap_or(1);
    let has_more = streams.len() > limit;
    streams.truncate(limit);
    let next_token = streams.last().filter(|_| has_more).map(|(place, _)| names::token_after(place));
    let arn = group.arn(&cx.call.scope);
    let log_streams = streams.into_iter().map(|(_, stream)| describe(&arn, stream)).collect();
    Ok(DescribeLogStreamsResponse { log_streams: Some(log_streams), next_token })
}

fn describe(group: &str, stream: Stream) -> LogStream {
    LogStream {
        arn: Some(format!("{group}:log-stream:{}", stream.name)),
        log_stream_name: Some(stream.name),
        creation_time: Some(stream.created_ms),
        first_event_timestamp: stream.first_ms,
        last_event_timestamp: stream.last_ms,
        last_ingestion_time: stream.ingested_ms,
        upload_sequence_token: stream.token,
        stored_bytes: Some(0),
    }
}
