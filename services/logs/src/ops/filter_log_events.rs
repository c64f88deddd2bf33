//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//!
//! Events of all streams are interleaved. A page ends after [`SCAN_BYTES_MAX`], so it may be partly full or empty and yet not the last one.

use kernel::Ctx;
use kernel::store::Range;

use crate::Logs;
use crate::error::Error;
use crate::filter::Pattern;
use crate::generated::{FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent};
use crate::names;
use crate::page::{EVENTS_MAX, Page};
use crate::read::{Bounds, Direction, Reader};
use crate::segment::Position;
use crate::tables::{Stream, list, load, stream_key, streams_of};

/// Most stored bytes that are looked through for one page.
const SCAN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// 2024-01-01T00:00:00Z: reading backwards needs a start on or after it (AWS: FilterLogEvents, startFromHead).
const BACKWARD_START_MIN_MS: i64 = 1_704_067_200_000;

pub(crate) async fn filter_log_events(
    cx: &Ctx<Logs>,
    req: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, Error> {
    if req.log_stream_names.is_some() && req.log_stream_name_prefix.is_some() {
        // Inferred text; AWS documents the exception.
        let text = "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.";
        return Err(Error::invalid(text));
    }
    let pattern = Pattern::parse(req.filter_pattern.as_deref().unwrap_or_default())?;
    let (direction, from) = start(&req)?;
    let name = names::group_name(&cx.call.scope, req.log_group_name, req.log_group_identifier)?;
    names::settle(cx).await?;
    let snapshot = cx.host.telemetry.snapshot();
    let group = names::group(cx, &*snapshot, &name).await?;
    let scope = &cx.call.scope;
    let streams = match req.log_stream_names {
        Some(wanted) => {
            let mut streams = Vec::with_capacity(wanted.len());
            for stream in wanted {
                let found = load::<Stream>(&*snapshot, &stream_key(scope, &name, &stream)).await?;
                streams.push(found.ok_or(Error::StreamNotFound)?.0);
            }
            streams.sort_by(|a, b| a.name.cmp(&b.name));
            streams.dedup_by(|a, b| a.name == b.name);
            streams
        }
        None => {
            let prefix = req.log_stream_name_prefix.unwrap_or_default();
            let all =
                list::<Stream>(&*snapshot, Range::prefix(&streams_of(scope, &name), usize::MAX)).await?;
            all.into_iter()
                .map(|(_, stream)| stream)
                .filter(|stream| stream.name.starts_with(&prefix))
                .collect()
        }
    };
    let start_ms = req.start_time.unwrap_or(0).max(group.kept_since_ms(cx.now_ms()));
    // An event at `endTime` is included here, other than in GetLogEvents.
    let mut bounds = Bounds::times(start_ms, req.end_time.map_or(i64::MAX, |end| end.saturating_add(1)));
    match direction {
        Direction::Forward => bounds.after = from,
        Direction::Backward => bounds.before = from,
    }
    let mut reader = Reader::new(snapshot, &streams, bounds, direction);
    let mut page = Page::new(req.limit.map_or(EVENTS_MAX, |limit| usize::try_from(limit).unwrap_or(1)));
    let mut events = Vec::new();
    let mut last = None;
    let mut is_last_page = true;
    while let Some((event, stream)) = reader.next().await? {
        if pattern.matches(&event.message) {
            if !page.takes(&event) {
                is_last_page = false;
                break;
            }
            events.push(FilteredLogEvent {
                log_stream_name: Some(stream.to_owned()),
                timestamp: Some(event.timestamp_ms),
                message: Some(event.message),
                ingestion_time: Some(event.ingested_ms),
                event_id: Some(format!("{:056}", event.at)),
            });
        }
        last = Some(event.at);
        if reader.scanned_bytes > SCAN_BYTES_MAX {
            is_last_page = false;
            break;
        }
    }
    let next_token = last.filter(|_| !is_last_page).map(|at| token(direction, at));
    Ok(FilterLogEventsResponse { events: Some(events), searched_log_streams: Some(Vec::new()), next_token })
}

fn start(req: &FilterLogEventsRequest) -> Result<(Direction, Option<Position>), Error> {
    if let Some(token) = &req.next_token {
        let text = names::after_token(token)?;
        let (direction, at) = text.split_once('/').ok_or_else(names::bad_token)?;
        let direction = match direction {
            "forward" => Direction::Forward,
            "backward" => Direction::Backward,
            _ => return Err(names::bad_token()),
        };
        return Ok((direction, Some(at.parse().map_err(|_| names::bad_token())?)));
    }
    if req.start_from_head.unwrap_or(true) {
        return Ok((Direction::Forward, None));
    }
    if req.start_time.is_none_or(|start| start < BACKWARD_START_MIN_MS) {
        // Inferred text; AWS documents the exception.
        let text =
            "startFromHead can be false only if startTime is on or after January 1, 2024 00:00:00 UTC.";
        return Err(Error::invalid(text));
    }
    Ok((Direction::Backward, None))
}

fn token(direction: Direction, at: Position) -> String {
    let direction = if direction == Direction::Forward { "forward" } else { "backward" };
    names::token_after(&format!("{direction}/{at}"))
}
