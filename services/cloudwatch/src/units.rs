//! CloudWatch's units, each with the number under which it is stored.

/// AWS: MetricDatum, Unit. The order is stored and never changes; new ones go to the end.
const UNITS: [&str; 27] = [
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];

/// A unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit(u8);

impl Unit {
    /// The unit of this name; what is none is `None`.
    pub fn of(name: &str) -> Unit {
        Unit(UNITS.iter().position(|unit| *unit == name).unwrap_or(0) as u8)
    }

    /// The unit of a stored number.
    pub fn from_number(number: u64) -> Unit {
        Unit(u8::try_from(number).ok().filter(|number| usize::from(*number) < UNITS.len()).unwrap_or(0))
    }

    /// The number that is stored.
    pub fn number(self) -> u64 {
        u64::from(self.0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        UNITS[usize::from(self.0)]
    }
}
