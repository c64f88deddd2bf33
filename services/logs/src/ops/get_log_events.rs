//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
//!
//! A token is a place between two events: reading forwards from it gives what comes after, backwards what comes before. At the end of the stream the
//! token that was passed in comes back. Known difference: tokens do not expire.

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};
use crate::names;
use crate::page::{EVENTS_MAX, Page};
use crate::read::{Bounds, Direction, Reader};
use crate::segment::{Position, position};
use crate::tables::{Stream, load, stream_key};

pub(crate) async fn get_log_events(
    cx: &Ctx<Logs>,
    req: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, Error> {
    let from = req.next_token.as_deref().map(parse).transpose()?;
    let name = names::group_name(&cx.call.scope, req.log_group_name, req.log_group_identifier)?;
    names::settle(cx).await?;
    let snapshot = cx.host.telemetry.snapshot();
    let group = names::group(cx, &*snapshot, &name).await?;
    let key = stream_key(&cx.call.scope, &name, &req.log_stream_name);
    let (stream, _) = load::<Stream>(&*snapshot, &key).await?.ok_or(Error::StreamNotFound)?;

    let start_ms = req.start_time.unwrap_or(0).max(group.kept_since_ms(cx.now_ms()));
    let mut bounds = Bounds::times(start_ms, req.end_time.unwrap_or(i64::MAX));
    let direction = match from {
        Some((direction, _)) => direction,
        None if req.start_from_head.unwrap_or_default() => Direction::Forward,
        None => Direction::Backward,
    };
    match from {
        Some((Direction::Forward, at)) => bounds.after = Some(at),
        Some((Direction::Backward, at)) => bounds.before = Some(at),
        None => {}
    }
    let mut reader = Reader::new(snapshot, &[stream], bounds, direction);
    let mut page = Page::new(req.limit.map_or(EVENTS_MAX, |limit| usize::try_from(limit).unwrap_or(1)));
    let mut events = Vec::new();
    while let Some((event, _)) = reader.next().await? {
        if !page.takes(&event) {
            break;
        }
        events.push(event);
    }
    if direction == Direction::Backward {
        events.reverse();
    }
    let (forward, backward) = match (events.first(), events.last(), from) {
        (Some(first), Some(last), _) => (last.at, first.at),
        (_, _, Some((Direction::Forward, at))) => (at, at.saturating_add(1)),
        (_, _, Some((Direction::Backward, at))) => (at.saturating_sub(1), at),
        (_, _, None) => {
            let start = position(req.start_time.unwrap_or(0), 0, 0);
            (start.saturating_sub(1), start)
        }
    };
    let events = events.into_iter().map(|event| OutputLogEvent {
        timestamp: Some(event.timestamp_ms),
        message: Some(event.message),
        ingestion_time: Some(event.ingested_ms),
    });
    Ok(GetLogEventsResponse {
        events: Some(events.collect()),
        next_forward_token: Some(format!("f/{forward:056}/s")),
        next_backward_token: Some(format!("b/{backward:056}/s")),
    })
}

fn parse(token: &str) -> Result<(Direction, Position), Error> {
    let (direction, rest) = token.split_once('/').ok_or_else(names::bad_token)?;
    let at = rest.strip_suffix("/s").unwrap_or(rest).parse().map_err(|_| names::bad_token())?;
    match direction {
        "f" => Ok((Direction::Forward, at)),
        "b" => Ok((Direction::Backward, at)),
        _ => Err(names::bad_token()),
    }
}
