//! What is remembered, how long, and how much of it.

use super::*;

const S: fn(u64) -> Duration = Duration::from_secs;

fn key(number: u32) -> Name {
    let mut name = [0; 32];
    // All in one part.
    name[1..5].copy_from_slice(&number.to_le_bytes());
    name
}

#[test]
fn answers_end() {
    let answers = Answers::default();
    answers.put(key(1), "one", 3, (S(0), S(10)));
    answers.put(key(2), "two", 3, (S(0), S(0)));
    assert_eq!(answers.get(&key(1), S(9)), Some("one"));
    assert_eq!(answers.get(&key(1), S(10)), None);
    assert_eq!(answers.get(&key(2), S(0)), None);
    answers.put(key(1), "other", 3, (S(10), S(20)));
    assert_eq!(answers.get(&key(1), S(19)), Some("other"));
}

fn count(answers: &Answers<u32>, now: Duration) -> usize {
    (0..1000).filter(|number| answers.get(&key(*number), now).is_some()).count()
}

#[test]
fn their_number_is_bounded() {
    let answers = Answers::bounded(PARTS * 10, usize::MAX);
    for number in 0..10 {
        answers.put(key(number), number, 1, (S(0), S(if number < 5 { 5 } else { 50 })));
    }
    assert_eq!(count(&answers, S(1)), 10);
    // What has expired makes room first.
    answers.put(key(10), 10, 1, (S(6), S(50)));
    assert_eq!(count(&answers, S(6)), 6);
    for number in 11..100 {
        answers.put(key(number), number, 1, (S(6), S(50)));
        assert!(count(&answers, S(6)) <= 10, "{number}");
    }
    assert_eq!(answers.get(&key(99), S(6)), Some(99));
}

#[test]
fn their_bytes_are_bounded() {
    let answers = Answers::bounded(1_000_000, PARTS * 10_000);
    answers.put(key(0), 0, 10_000, (S(0), S(9)));
    assert_eq!(count(&answers, S(0)), 0, "too large for itself");
    for number in 0..100 {
        answers.put(key(number), number, 1000, (S(0), S(9)));
        assert!(count(&answers, S(0)) <= 9, "{number}");
    }
    // The same name again takes no more room.
    let before = count(&answers, S(0));
    for _ in 0..100 {
        answers.put(key(99), 99, 1000, (S(0), S(9)));
    }
    assert!(count(&answers, S(0)) >= before.min(8));
}

#[test]
fn names_do_not_run_together() {
    let named = |generation: &str, identity: &[&str]| {
        name(generation, &identity.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    };
    let all = [
        named("g", &["ab", "c"]),
        named("g", &["a", "bc"]),
        named("g", &["abc"]),
        named("ga", &["b", "c"]),
        named("g", &["ab", "c", ""]),
        named("g", &[]),
    ];
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(named("g", &["ab", "c"]), all[0]);
}
