//! When an event is tried again.

use super::*;

const USUAL: (u32, i64) = (RETRIES_MAX, AGE_MAX_S);

fn check(failures: u32, misses: u32, now_ms: i64, outcome: Outcome, expected: Option<(i64, u32, u32)>) {
    let ticket = Ticket { due_ms: 0, id: "a".to_owned(), accepted_ms: 0, failures, misses };
    let found = next(&ticket, &outcome, now_ms).map(|next| (next.due_ms, next.failures, next.misses));
    assert_eq!(found, expected, "{outcome:?} after {failures} failures, {misses} misses");
}

#[test]
fn a_failing_function_is_called_three_times() {
    check(0, 0, 10, Outcome::Failed { settings: USUAL }, Some((60_010, 1, 0)));
    check(1, 0, 70_000, Outcome::Failed { settings: USUAL }, Some((190_000, 2, 0)));
    check(2, 0, 200_000, Outcome::Failed { settings: USUAL }, None);
    check(0, 0, 10, Outcome::Failed { settings: (0, AGE_MAX_S) }, None);
}

#[test]
fn a_call_that_reaches_nobody_is_tried_until_it_is_too_old() {
    check(1, 0, 10, Outcome::Missed { settings: USUAL }, Some((1010, 1, 1)));
    check(0, 3, 10, Outcome::Missed { settings: USUAL }, Some((8010, 0, 4)));
    check(0, 40, 10, Outcome::Missed { settings: USUAL }, Some((300_010, 0, 41)));
    check(0, 40, 21_400_000, Outcome::Missed { settings: USUAL }, None);
    check(0, 0, 59_500, Outcome::Missed { settings: (RETRIES_MAX, 60) }, None);
}

#[test]
fn what_is_done_is_over() {
    check(0, 0, 10, Outcome::Done, None);
    check(0, 0, 10, Outcome::GivenUp("gone".to_owned()), None);
}
