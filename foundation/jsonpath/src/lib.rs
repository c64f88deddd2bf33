//! JSONPath as API Gateway means it: the dialect of Jayway's JsonPath, which `$input.path` and `$input.json` speak.
//!
//! A path is parsed once ([`Path::parse`]) and evaluated without copying the document ([`Path::find`]). Nothing here panics or recurses without a bound:
//! the length of a path, its nesting, the number of results and the work of one evaluation have named limits.
//!
//! What always holds:
//! - A *definite* path (only names, single indexes and `['a','b']`) finds one value or nothing. Any other path finds a list, possibly empty.
//! - Inside an indefinite path, whatever is missing is passed over, as Jayway does since 2.1; Jayway 2.0 gives up on the whole path there.
//! - In filters, a comparison with something missing is false, `!=` included; `[?(@.a)]` wants `a` to be there and not null (Jayway 2.0).
//! - Negative indexes count from the end, and functions (`length()`, `sum()`, …) stand at the end of a path (Jayway 2.1).
//!
//! Known differences from Jayway: regular expressions are Rust's with look-around and back-references, not Java's; the functions `append`, `concat` and
//! `index` and filters given by placeholder (`[?]`) are refused.

mod evaluate;
mod filter;
mod literal;
mod node;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

pub use node::{Kind, Node};

/// Characters that a path may have.
pub const PATH_LEN_MAX: usize = 8 * 1024;
/// Steps of one path, and levels of nesting in its filters.
pub const PATH_STEPS_MAX: usize = 128;
/// Levels of a document that a path descends.
pub const DOCUMENT_DEPTH_MAX: usize = 512;
/// Values that one evaluation may find.
pub const RESULTS_MAX: usize = 100_000;
/// Values that one evaluation may look at.
pub const VISITS_MAX: usize = 2_000_000;

/// A parsed path. Immutable, cheap to share between threads.
#[derive(Debug, Clone)]
pub struct Path {
    pub(crate) steps: Vec<Step>,
    pub(crate) function: Option<Function>,
    /// Whether the path begins with `$` rather than `@`.
    pub(crate) from_root: bool,
    definite: bool,
}

/// What a path found in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<N> {
    /// A definite path, or a function: its value, which may be JSON's null.
    One(N),
    /// An indefinite path: everything that it matches, in document order.
    Many(Vec<N>),
    /// A definite path that leads nowhere.
    Missing,
}

/// A path that cannot be parsed, or an evaluation that hit a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, in one sentence.
    pub message: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// `.a`, `['a']`, `['a','b']`.
    Names(Vec<String>),
    /// `[1]`, `[-1]`.
    Index(i64),
    /// `[(@.length-1)]`: counted from the length.
    FromLength(i64),
    /// `[1,2]`.
    Indexes(Vec<i64>),
    /// `[1:]`, `[:2]`, `[1:2]`.
    Slice { from: Option<i64>, to: Option<i64> },
    /// `*`.
    Wildcard,
    /// `..`.
    Scan,
    /// `[?(…)]`.
    Filter(filter::Filter),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Length,
    Min,
    Max,
    Sum,
    Average,
    StandardDeviation,
    Keys,
    First,
    Last,
}

impl Path {
    /// Parses a path. A path without `$` begins at the root: `a.b` is `$.a.b`.
    pub fn parse(text: &str) -> Result<Path, Error> {
        parse::path(text, 0)
    }

    /// Whether the path can find one value at most.
    pub fn is_definite(&self) -> bool {
        self.definite
    }

    /// Finds the path in a document. What is found is borrowed from the document; only `['a','b']` and functions make new values.
    pub fn find<'a>(&self, root: &'a serde_json::Value) -> Result<Found<Cow<'a, serde_json::Value>>, Error> {
        self.find_node(Cow::Borrowed(root))
    }

    /// The same in any kind of tree.
    pub fn find_node<N: Node>(&self, root: N) -> Result<Found<N>, Error> {
        evaluate::find(self, &root, &root, &evaluate::Budget::new())
    }

    pub(crate) fn new(steps: Vec<Step>, function: Option<Function>, from_root: bool) -> Path {
        let definite =
            steps.iter().all(|s| matches!(s, Step::Names(_) | Step::Index(_) | Step::FromLength(_)))
                || function.is_some();
        Path { steps, function, from_root, definite }
    }
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error { message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
