//! What is kept of the values of one metric in one stretch of time: count, sum, extremes, and how the values are distributed.
//!
//! Values are kept exactly while there are at most [`BINS_MAX`] different ones. Beyond that they are rounded to bins whose width grows with
//! the value, 0.8 % of it at first and twice as much each time the bins become too many again, so that the size is bounded whatever comes.
//! Values that came as a statistic set have no distribution unless all of them are equal (AWS: Publishing statistic sets).

/// Most different values, or bins, of one aggregate.
pub const BINS_MAX: usize = 128;
/// Low bits of a double that the first rounding drops: 45 of its 52 bits of fraction.
const DROP_FIRST: u8 = 45;
const FORMAT: u8 = 1;

/// An aggregate of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    /// How many values; fractions are possible, because clients give counts as doubles.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// How many of them have no known distribution.
    pub opaque: f64,
    /// Values and how often each, sorted by value.
    bins: Vec<(f64, f64)>,
    /// Low bits that are dropped; 0 while values are exact.
    drop: u8,
}

/// Values that a client has summed up already.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

impl Aggregate {
    /// Adds a value that was measured `count` times.
    pub fn add(&mut self, value: f64, count: f64) {
        let value = value + 0.0;
        self.widen(Summary { count, sum: value * count, min: value, max: value });
        self.put(value, count);
    }

    /// Adds values of which only a summary is known.
    pub fn add_summary(&mut self, summary: Summary) {
        if summary.min == summary.max {
            self.widen(summary);
            self.put(summary.min, summary.count);
        } else {
            self.widen(summary);
            self.opaque += summary.count;
        }
    }

    /// Adds all values of another aggregate.
    pub fn merge(&mut self, other: &Aggregate) {
        if other.count == 0.0 {
            return;
        }
        self.widen(Summary { count: other.count, sum: other.sum, min: other.min, max: other.max });
        self.opaque += other.opaque;
        if other.drop > self.drop {
            self.drop = other.drop;
            self.round_all();
        }
        for &(value, count) in &other.bins {
            self.put(value, count);
        }
    }

    /// Values and how often each, sorted by value; `None` if it is not known of all of them.
    pub fn distribution(&self) -> Option<&[(f64, f64)]> {
        (self.opaque == 0.0 && self.count > 0.0).then_some(&self.bins)
    }

    fn widen(&mut self, by: Summary) {
        let is_first = self.count == 0.0;
        self.min = if is_first { by.min } else { self.min.min(by.min) };
        self.max = if is_first { by.max } else { self.max.max(by.max) };
        self.count += by.count;
        self.sum += by.sum;
    }

    fn put(&mut self, value: f64, count: f64) {
        let value = round(value, self.drop);
        match self.bins.binary_search_by(|(bin, _)| bin.total_cmp(&value)) {
            Ok(at) => self.bins[at].1 += count,
            Err(at) => {
                self.bins.insert(at, (value, count));
                if self.bins.len() > BINS_MAX {
                    self.coarsen();
                }
            }
        }
    }

    /// Makes room for some more values, so that the next one does not round everything again.
    fn coarsen(&mut self) {
        while self.bins.len() > BINS_MAX * 3 / 4 {
            self.drop = if self.drop == 0 { DROP_FIRST } else { self.drop + 1 };
            self.round_all();
        }
    }

    fn round_all(&mut self) {
        for (value, _) in &mut self.bins {
            *value = round(*value, self.drop);
        }
        self.bins.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let is_narrow = self.bins.iter().all(|(value, _)| f64::from(*value as f32) == *value);
        let is_whole = self.bins.iter().all(|(_, count)| count.fract() == 0.0 && (0.0..1e15).contains(count));
        let mut out = Vec::with_capacity(48 + self.bins.len() * 6);
        out.extend([FORMAT, self.drop, u8::from(is_narrow) | u8::from(is_whole) << 1]);
        for number in [self.count, self.sum, self.min, self.max, self.opaque] {
            out.extend(number.to_le_bytes());
        }
        for &(value, count) in &self.bins {
            match is_narrow {
                true => out.extend((value as f32).to_le_bytes()),
                false => out.extend(value.to_le_bytes()),
            }
            match is_whole {
                true => put_varint(&mut out, count as u64),
                false => out.extend(count.to_le_bytes()),
            }
        }
        out
    }

    /// Reads the stored form; `None` if it is none.
    pub fn decode(bytes: &[u8]) -> Option<Aggregate> {
        let (&[FORMAT, drop, flags], mut rest) = bytes.split_first_chunk::<3>()? else { return None };
        let mut numbers = [0.0; 5];
        for number in &mut numbers {
            *number = take_f64(&mut rest)?;
        }
        let [count, sum, min, max, opaque] = numbers;
        let mut bins = Vec::new();
        while !rest.is_empty() {
            let value = match flags & 1 {
                1 => f64::from(f32::from_le_bytes(take(&mut rest)?)),
                _ => take_f64(&mut rest)?,
            };
            let count = if flags & 2 == 2 { take_varint(&mut rest)? as f64 } else { take_f64(&mut rest)? };
            bins.push((value, count));
        }
        Some(Aggregate { count, sum, min, max, opaque, bins, drop })
    }
}

/// The middle of the bin in which a value falls when the low bits of its double are dropped. Zero stays zero.
fn round(value: f64, drop: u8) -> f64 {
    if drop == 0 || value == 0.0 {
        return value;
    }
    let bits = value.to_bits();
    f64::from_bits(bits >> drop << drop | 1 << (drop - 1))
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let [byte] = take(rest)?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_f64(rest: &mut &[u8]) -> Option<f64> {
    take(rest).map(f64::from_le_bytes)
}

#[cfg(test)]
mod tests;
