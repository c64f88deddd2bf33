//! Aggregates stay bounded and near the truth, and come back from the store as they went.

use super::*;

fn of(values: impl IntoIterator<Item = f64>) -> Aggregate {
    let mut aggregate = Aggregate::default();
    values.into_iter().for_each(|value| aggregate.add(value, 1.0));
    aggregate
}

#[test]
fn few_values_are_exact() {
    let aggregate = of([3.0, 1.0, 2.0, 1.0, -0.0]);
    assert_eq!((aggregate.count, aggregate.sum, aggregate.min, aggregate.max), (5.0, 7.0, 0.0, 3.0));
    assert_eq!(aggregate.distribution().unwrap(), [(0.0, 1.0), (1.0, 2.0), (2.0, 1.0), (3.0, 1.0)]);
}

#[test]
fn many_values_are_bounded_and_near() {
    let aggregate = of((1..=10_000).map(f64::from));
    let bins = aggregate.distribution().unwrap();
    assert!(bins.len() <= BINS_MAX, "{} bins", bins.len());
    assert_eq!(bins.iter().map(|(_, count)| count).sum::<f64>(), 10_000.0);
    let mut below = 0.0;
    for (value, count) in bins {
        // The middle of a bin stands for about half of what lies in it.
        let middle = below + count / 2.0;
        assert!((value - middle).abs() <= 0.13 * middle + 1.0, "{value} stands for rank {middle}");
        below += count;
    }
}

#[test]
fn anything_is_bounded() {
    let sign = |at: i32| if at % 2 == 0 { 1.0 } else { -1.0 };
    let aggregate =
        of((0..5_000).map(|at| sign(at) * 2.0_f64.powi(at % 720 - 360) * (1.0 + f64::from(at) / 5e3)));
    assert!(aggregate.distribution().unwrap().len() <= BINS_MAX);
    assert_eq!(aggregate.count, 5_000.0);
}

#[test]
fn summaries_hide_the_distribution() {
    let mut aggregate = of([1.0]);
    aggregate.add_summary(Summary { count: 3.0, sum: 6.0, min: 2.0, max: 2.0 });
    assert_eq!(aggregate.distribution().unwrap(), [(1.0, 1.0), (2.0, 3.0)]);
    aggregate.add_summary(Summary { count: 2.0, sum: 6.0, min: 1.0, max: 5.0 });
    assert_eq!(aggregate.distribution(), None);
    assert_eq!((aggregate.count, aggregate.sum, aggregate.max), (6.0, 13.0, 5.0));
}

#[test]
fn merging_is_adding() {
    let mut merged = of((1..100).map(f64::from));
    merged.merge(&of((100..400).map(f64::from)));
    merged.merge(&Aggregate::default());
    let all = of((1..400).map(f64::from));
    assert_eq!((merged.count, merged.sum, merged.min, merged.max), (all.count, all.sum, all.min, all.max));
    assert!(merged.distribution().unwrap().len() <= BINS_MAX);
}

#[test]
fn the_stored_form_says_everything() {
    let fractions = of([0.1, 0.2]);
    let mut counts = Aggregate::default();
    counts.add(1.0, 2.5);
    for aggregate in
        [of([1.0, 2.0, 300.0]), of((1..10_000).map(f64::from)), fractions, counts, Aggregate::default()]
    {
        assert_eq!(Aggregate::decode(&aggregate.encode()), Some(aggregate));
    }
    let whole = of([1.0, 2.0]).encode();
    for cut in 0..whole.len() {
        // Only a cut between two bins leaves something that can be read.
        assert!(Aggregate::decode(&whole[..cut]).is_none_or(|read| read.bins.len() < 2), "cut at {cut}");
    }
    assert_eq!(Aggregate::decode(&[9; 60]), None);
}
