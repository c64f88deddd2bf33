//! Positions sort as events do.

use super::position;

#[test]
fn positions_are_ordered_by_time_then_arrival_then_index() {
    let sorted = [
        position(0, 0, 0),
        position(0, 0, 1),
        position(0, 1, 0),
        position(1, 0, 0),
        position(1_767_225_600_000, 0, 0),
        position(1_767_225_600_000, u64::MAX, 9),
        position(1_767_225_600_001, 0, 0),
        position(i64::MAX, u64::MAX, usize::MAX),
    ];
    assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:?}");
}
