//! Reading against a plain sort of what was written: any overlap of segments, both directions, one and many streams.

use super::{Bounds, Direction, Reader};
use crate::tables::{Stream, load, stream_key};
use crate::testing::{NOW_MS, event, host, scope};
use crate::write::{Append, Missing, Numbers, append};

/// Writes batches of (stream, timestamps), reads them back within `start..end`, and compares with a stable sort.
async fn check(batches: &[(&str, Vec<i64>)], start: i64, end: i64) {
    let (host, _) = host();
    let numbers = Numbers::default();
    let mut expect: Vec<(i64, String)> = Vec::new();
    for (index, (stream, times)) in batches.iter().enumerate() {
        let events: Vec<_> =
            times.iter().map(|at| event(NOW_MS + at, &format!("{stream} {index} {at}"))).collect();
        expect.extend(events.iter().map(|event| (event.timestamp_ms, event.message.clone())));
        let stream = (*stream).to_owned();
        let batch = Append { scope: scope(), group: "g".to_owned(), stream, events, token: None };
        append(&host, &numbers, &[batch], Missing::Create).await.unwrap();
    }
    expect.retain(|(at, _)| (NOW_MS + start..NOW_MS + end).contains(at));
    expect.sort_by_key(|(at, _)| *at);
    let snapshot = host.telemetry.snapshot();
    let mut streams = Vec::new();
    for name in ["a", "b"] {
        streams.extend(
            load::<Stream>(&*snapshot, &stream_key(&scope(), "g", name)).await.unwrap().map(|found| found.0),
        );
    }
    for direction in [Direction::Forward, Direction::Backward] {
        let bounds = Bounds::times(NOW_MS + start, NOW_MS + end);
        let mut reader = Reader::new(host.telemetry.snapshot(), &streams, bounds, direction);
        let mut found = Vec::new();
        while let Some((event, name)) = reader.next().await.unwrap() {
            assert!(event.message.starts_with(name));
            found.push((event.timestamp_ms, event.message));
        }
        if direction == Direction::Backward {
            found.reverse();
        }
        assert_eq!(found, expect, "{direction:?} of {batches:?}");
    }
}

#[tokio::test]
async fn in_order_of_time_then_of_arrival() {
    check(&[("a", vec![0, 1, 2])], -1, 10).await;
    check(&[("a", vec![5, 9]), ("a", vec![0, 7]), ("a", vec![5, 5])], -1, 10).await;
    check(&[("a", vec![5, 9]), ("b", vec![5, 7]), ("a", vec![5, 6])], 5, 9).await;
    check(&[("a", vec![]), ("b", vec![3])], 0, 10).await;
    check(&[("a", vec![3])], 4, 10).await;
}

#[tokio::test]
async fn a_batch_of_a_day_among_many_small_ones() {
    let mut batches = vec![("a", (0..1440).map(|minute| minute * 60_000).collect::<Vec<_>>())];
    batches.extend((0..300).map(|index| ("a", vec![index * 1_000_003 % 80_000_000])));
    batches.push(("b", (0..100).map(|second| 40_000_000 + second * 1_000).collect()));
    check(&batches, 0, 86_400_000).await;
    check(&batches, 39_999_999, 40_100_000).await;
}

#[tokio::test]
async fn long_messages_are_whole() {
    let (host, _) = host();
    let long = "é".repeat(400_000);
    let events = vec![event(NOW_MS, "short"), event(NOW_MS + 1, &long), event(NOW_MS + 2, "end")];
    let batch = Append {
        scope: scope(),
        group: "g".to_owned(),
        stream: "a".to_owned(),
        events: events.clone(),
        token: None,
    };
    append(&host, &Numbers::default(), &[batch], Missing::Create).await.unwrap();
    let snapshot = host.telemetry.snapshot();
    let (stream, _) = load::<Stream>(&*snapshot, &stream_key(&scope(), "g", "a")).await.unwrap().unwrap();
    let mut reader = Reader::new(snapshot, &[stream], Bounds::times(0, i64::MAX), Direction::Forward);
    for expect in events {
        let (found, _) = reader.next().await.unwrap().unwrap();
        assert!(found.message == expect.message && found.timestamp_ms == expect.timestamp_ms);
    }
    assert!(reader.next().await.unwrap().is_none());
}
