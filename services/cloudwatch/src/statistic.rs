//! Statistics of an aggregate: the five simple ones, percentiles, and the trimmed kinds.
//!
//! AWS: CloudWatch statistics definitions. A percentile is the smallest value that at least so many percent of the values do not exceed
//! (AWS does not say how it interpolates). What needs the distribution gives nothing where it is not known.

use crate::aggregate::Aggregate;

/// A statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// How many values.
    SampleCount,
    /// Sum divided by count.
    Average,
    /// Sum.
    Sum,
    /// Lowest.
    Minimum,
    /// Highest.
    Maximum,
    /// `p99.9`.
    Percentile(f64),
    /// `tm90`, `TM(10%:90%)`, `TM(150:1000)`, `IQM`.
    TrimmedMean(Bounds),
    /// `wm98`, `WM(10%:90%)`.
    WinsorizedMean(Bounds),
    /// `tc90`, `TC(…)`.
    TrimmedCount(Bounds),
    /// `ts90`, `TS(…)`.
    TrimmedSum(Bounds),
    /// `PR(:300)`.
    PercentileRank(Bounds),
}

/// Between what the values of a trimmed statistic lie: the lower bound is excluded, the upper one included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// Ranks, from 0 to 100.
    Percent(f64, f64),
    /// Values.
    Value(f64, f64),
}

impl Statistic {
    /// One of the five simple ones, by its exact name.
    pub fn simple(text: &str) -> Option<Statistic> {
        Some(match text {
            "SampleCount" => Statistic::SampleCount,
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            _ => return None,
        })
    }

    /// An extended statistic.
    pub fn extended(text: &str) -> Option<Statistic> {
        let lower = text.to_ascii_lowercase();
        if lower == "iqm" {
            return Some(Statistic::TrimmedMean(Bounds::Percent(25.0, 75.0)));
        }
        if let Some(rank) = lower.strip_prefix('p').and_then(percent) {
            return Some(Statistic::Percentile(rank));
        }
        let (kind, rest) = lower.split_at_checked(2)?;
        let bounds = match percent(rest) {
            Some(rank) => Bounds::Percent(0.0, rank),
            None => Bounds::parse(rest.strip_prefix('(')?.strip_suffix(')')?)?,
        };
        Some(match kind {
            "tm" => Statistic::TrimmedMean(bounds),
            "wm" => Statistic::WinsorizedMean(bounds),
            "tc" => Statistic::TrimmedCount(bounds),
            "ts" => Statistic::TrimmedSum(bounds),
            "pr" if matches!(bounds, Bounds::Value(..)) => Statistic::PercentileRank(bounds),
            _ => return None,
        })
    }

    /// Any statistic.
    pub fn parse(text: &str) -> Option<Statistic> {
        Statistic::simple(text).or_else(|| Statistic::extended(text))
    }

    /// Its value; `None` if the aggregate cannot tell.
    pub fn of(self, aggregate: &Aggregate) -> Option<f64> {
        if aggregate.count == 0.0 {
            return None;
        }
        Some(match self {
            Statistic::SampleCount => aggregate.count,
            Statistic::Average => aggregate.sum / aggregate.count,
            Statistic::Sum => aggregate.sum,
            Statistic::Minimum => aggregate.min,
            Statistic::Maximum => aggregate.max,
            Statistic::Percentile(rank) => percentile(aggregate, rank)?,
            Statistic::TrimmedMean(bounds) => {
                let (count, sum) = trimmed(aggregate, bounds)?;
                return (count > 0.0).then(|| sum / count);
            }
            Statistic::TrimmedCount(bounds) => trimmed(aggregate, bounds)?.0,
            Statistic::TrimmedSum(bounds) => trimmed(aggregate, bounds)?.1,
            Statistic::PercentileRank(bounds) => trimmed(aggregate, bounds)?.0 / aggregate.count * 100.0,
            Statistic::WinsorizedMean(bounds) => {
                let (low, high) = match bounds {
                    Bounds::Percent(low, high) => (percentile(aggregate, low)?, percentile(aggregate, high)?),
                    Bounds::Value(low, high) => (low, high),
                };
                let bins = aggregate.distribution()?;
                let sum: f64 = bins.iter().map(|(value, count)| value.max(low).min(high) * count).sum();
                sum / aggregate.count
            }
        })
    }
}

impl Bounds {
    /// `10%:90%`, `:95%`, `150:1000`, `300:`.
    fn parse(text: &str) -> Option<Bounds> {
        let (low, high) = text.split_once(':')?;
        if low.is_empty() && high.is_empty() {
            return None;
        }
        let ranks = [low, high].map(|bound| bound.strip_suffix('%'));
        let bounds = match (ranks, low, high) {
            ([Some(low), Some(high)], ..) => Bounds::Percent(percent(low)?, percent(high)?),
            ([None, Some(high)], "", _) => Bounds::Percent(0.0, percent(high)?),
            ([Some(low), None], _, "") => Bounds::Percent(percent(low)?, 100.0),
            ([None, None], ..) => {
                let number = |text: &str, open: f64| match text {
                    "" => Some(open),
                    _ => text.parse::<f64>().ok().filter(|number| number.is_finite()),
                };
                Bounds::Value(number(low, f64::NEG_INFINITY)?, number(high, f64::INFINITY)?)
            }
            _ => return None,
        };
        let (Bounds::Percent(low, high) | Bounds::Value(low, high)) = bounds;
        (low < high).then_some(bounds)
    }
}

/// A number from 0 to 100 with at most ten digits after the point.
fn percent(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.split_once('.').is_none_or(|(_, fraction)| (1..=10).contains(&fraction.len()));
    text.parse().ok().filter(|number| is_number && (0.0..=100.0).contains(number))
}

fn percentile(aggregate: &Aggregate, rank: f64) -> Option<f64> {
    let bins = aggregate.distribution()?;
    let wanted = rank / 100.0 * aggregate.count;
    let mut below = 0.0;
    let found = bins.iter().find(|(_, count)| {
        below += count;
        // Counts are sums of doubles.
        below + 1e-9 >= wanted
    });
    let (value, _) = found.or(bins.last())?;
    // A bin's middle may lie outside of what was measured.
    Some(value.clamp(aggregate.min, aggregate.max))
}

/// Count and sum of the values within the bounds; of a bin that lies across a rank, the part within.
fn trimmed(aggregate: &Aggregate, bounds: Bounds) -> Option<(f64, f64)> {
    let bins = aggregate.distribution()?;
    let (mut below, mut kept, mut sum) = (0.0, 0.0, 0.0);
    for &(value, count) in bins {
        let part = match bounds {
            Bounds::Value(low, high) if value > low && value <= high => count,
            Bounds::Value(..) => 0.0,
            Bounds::Percent(low, high) => {
                let (from, to) = (low / 100.0 * aggregate.count, high / 100.0 * aggregate.count);
                ((below + count).min(to) - below.max(from)).max(0.0)
            }
        };
        below += count;
        kept += part;
        sum += part * value;
    }
    Some((kept, sum))
}

#[cfg(test)]
mod tests;
