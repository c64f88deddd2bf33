//! What is appended is read; what does not fit is counted and said.

use std::sync::Arc;

use kernel::log_sink::LogSink;
use kernel::{Host, Task};

use super::{BUFFER_BYTES_MAX, MESSAGE_BYTES_MAX, Sink};
use crate::read::{Bounds, Direction, Reader};
use crate::tables::{Stream, load, stream_key};
use crate::tasks::{Sizes, Sweep};
use crate::testing::{NOW_MS, event, host, scope};

async fn read(host: &Arc<Host>, stream: &str) -> Vec<String> {
    let snapshot = host.telemetry.snapshot();
    let Some((stream, _)) = load::<Stream>(&*snapshot, &stream_key(&scope(), "g", stream)).await.unwrap()
    else {
        return Vec::new();
    };
    let mut reader = Reader::new(snapshot, &[stream], Bounds::times(0, i64::MAX), Direction::Forward);
    let mut found = Vec::new();
    while let Some((event, _)) = reader.next().await.unwrap() {
        found.push(event.message);
    }
    found
}

#[tokio::test]
async fn appended_lines_are_there_after_a_flush() {
    let (host, _) = host();
    let sink = Sink::new(&host);
    sink.append(&scope(), "g", "s", vec![event(NOW_MS + 1, "b"), event(NOW_MS, "a")]);
    sink.append(&scope(), "g", "s", vec![event(NOW_MS + 1, "c")]);
    sink.append(&scope(), "g", "s", Vec::new());
    assert_eq!(read(&host, "s").await, Vec::<String>::new());
    sink.flush().await.unwrap();
    assert_eq!(read(&host, "s").await, ["a", "b", "c"]);
    assert!(!sink.has_waiting());
}

#[tokio::test]
async fn a_full_buffer_drops_and_says_so() {
    let (host, _) = host();
    let sink = Sink::new(&host);
    let line = "x".repeat(MESSAGE_BYTES_MAX);
    let fit = BUFFER_BYTES_MAX / (MESSAGE_BYTES_MAX + 26);
    for _ in 0..fit + 3 {
        sink.append(&scope(), "g", "s", vec![event(NOW_MS, &line)]);
    }
    sink.flush().await.unwrap();
    let found = read(&host, "s").await;
    assert_eq!(found.len(), fit + 1);
    assert_eq!(found[fit], "[loggia] 3 log events were dropped here: the log buffer was full");
}

#[tokio::test]
async fn an_overlong_line_is_cut() {
    let (host, _) = host();
    let sink = Sink::new(&host);
    let line = format!("{}é!", "x".repeat(MESSAGE_BYTES_MAX - 1));
    sink.append(&scope(), "g", "s", vec![event(NOW_MS, &line)]);
    sink.flush().await.unwrap();
    let found = read(&host, "s").await;
    assert_eq!((found.len(), found.concat() == line), (2, true));
}

#[tokio::test]
async fn the_sweep_removes_what_expired() {
    let (host, clock) = host();
    let sink = Arc::new(Sink::new(&host));
    sink.append(&scope(), "g", "s", vec![event(NOW_MS, "old"), event(NOW_MS + 86_400_000, "new")]);
    sink.flush().await.unwrap();
    let key = crate::tables::group_key(&scope(), "g");
    let (mut group, _) =
        load::<crate::tables::Group>(&*host.telemetry.snapshot(), &key).await.unwrap().unwrap();
    group.retention_days = Some(1);
    let mut change = crate::tables::Change::default();
    change.put(key, &group).unwrap();
    change.commit(&host.telemetry).await.unwrap();
    clock.advance(86_400_001);
    let sizes = Arc::new(Sizes::default());
    let sweep = Sweep(Arc::clone(&sizes));
    sweep.run(&host).await.unwrap();
    assert_eq!(read(&host, "s").await, ["new"]);
    assert_eq!(sizes.of(&scope(), "g"), 3 + 26);
    sweep.run(&host).await.unwrap();
    assert_eq!(read(&host, "s").await, ["new"]);
}
