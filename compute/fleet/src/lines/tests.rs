//! Cutting, bounding and keeping the tail.

use std::sync::Mutex;

use super::*;

#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl LogSink for Kept {
    fn append(&self, scope: &Scope, group: &str, stream: &str, events: Vec<LogEvent>) {
        assert_eq!((scope.account.as_str(), group, stream), ("0", "/g", "s"));
        self.0.lock().unwrap().extend(events.into_iter().map(|event| event.message));
    }
}

fn lines() -> (Arc<Kept>, Lines) {
    let kept = Arc::new(Kept::default());
    let lines = Lines::new(
        Arc::clone(&kept) as _,
        Scope::new("0", "r"),
        "/g".to_owned(),
        "s".to_owned(),
        Duration::ZERO,
    );
    (kept, lines)
}

fn check(chunks: &[(Source, &str)], expect: &[&str]) {
    let (kept, mut lines) = lines();
    for (source, data) in chunks {
        lines.bytes(*source, Duration::ZERO, 0, data.as_bytes());
    }
    lines.end_lines(0);
    lines.flush();
    assert_eq!(*kept.0.lock().unwrap(), expect);
}

#[test]
fn output_is_cut_into_lines() {
    use Source::{Pipe, Stderr, Stdout};
    check(&[(Stdout, "a\nb\n")], &["a", "b"]);
    check(&[(Stdout, "a"), (Stdout, "b\n\nc")], &["ab", "", "c"]);
    check(&[(Stdout, "x"), (Stderr, "y\n"), (Pipe, "z\n"), (Stdout, "x\n")], &["y", "z", "xx"]);
    check(&[(Stdout, "")], &[]);
}

#[test]
fn events_stay_whole_and_lose_their_line_break() {
    let (kept, mut lines) = lines();
    lines.event(Duration::ZERO, 0, b"two\nlines\n");
    lines.event(Duration::ZERO, 0, b"\xff");
    lines.flush_output();
    assert_eq!(*kept.0.lock().unwrap(), ["two\nlines", "\u{fffd}"]);
}

#[test]
fn floods_are_bounded_and_said() {
    let (kept, mut lines) = lines();
    let chunk = vec![b'x'; 1024 * 1024];
    for _ in 0..100 {
        lines.bytes(Source::Stdout, Duration::from_millis(1), 0, &chunk);
    }
    lines.platform(0, "END".to_owned());
    lines.end_lines(0);
    lines.flush();
    let kept_lines = std::mem::take(&mut *kept.0.lock().unwrap());
    let bytes: usize = kept_lines.iter().map(String::len).sum();
    assert!(bytes <= LOG_BURST_BYTES as usize + 200, "{bytes}");
    assert!(kept_lines.iter().any(|line| line == "END"));
    assert!(
        kept_lines.last().unwrap().starts_with("[loggia] 100663296 bytes of log output were dropped"),
        "{:?}",
        kept_lines.last()
    );
    // A second later there is room again for as much as a second may have.
    lines.bytes(Source::Stdout, Duration::from_secs(2), 0, b"again\n");
    lines.flush();
    assert_eq!(*kept.0.lock().unwrap(), ["again"]);
}

#[test]
fn the_tail_is_the_last_4_kb() {
    let (_, mut lines) = lines();
    lines.platform(0, "before".to_owned());
    let invocation = Invocation { wants_log_tail: true, ..Invocation::default() };
    lines.start(&invocation, &FunctionVersion::default(), 0);
    for n in 0..3000 {
        lines.platform(0, format!("line {n}"));
    }
    let tail = lines.take_tail().unwrap();
    assert_eq!(tail.len(), LOG_TAIL_LEN);
    assert!(tail.ends_with(b"line 2998\nline 2999\n"));
    assert_eq!(lines.take_tail(), None);
}
