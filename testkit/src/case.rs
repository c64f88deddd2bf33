//! A case: steps and what they must answer, as one `.case` file says it.
//!
//! Every case names its source and expects at least one thing. Steps are numbered from 1: calls and HTTP requests count, `clock`, `fn`,
//! `source:`, `gap:` and comments do not. `$N.path` is what step N answered; it never refers to a later step.

mod cursor;
mod parse;
mod pattern;
mod relaxed;
mod resolve;

use std::fmt;
use std::path::PathBuf;

pub use parse::parse;
pub use pattern::{Difference, Pattern};
pub use relaxed::{Ending, Node};
pub(crate) use resolve::interpolate;
pub use resolve::{lookup, resolve};

use crate::behaviour::Behaviour;

/// One `.case` file.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file.
    pub path: PathBuf,
    /// Its first comment: the behaviour.
    pub title: String,
    /// Where the behaviour is known from: `aws-docs …`, `aws-recorded` or `inferred`.
    pub source: String,
    /// `clock still`: what happens depends on time standing still between the steps.
    pub needs_stillness: bool,
    /// What is done, in order.
    pub lines: Vec<Line>,
}

impl Case {
    /// Calls of services, in order.
    pub fn calls(&self) -> impl Iterator<Item = (&Call, Option<&Expect>)> {
        self.lines.iter().filter_map(|line| match &line.action {
            Action::Call(call) => Some((call, line.expect.as_ref())),
            _ => None,
        })
    }
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub struct Line {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is done.
    pub action: Action,
    /// What it must answer; success, if nothing is said.
    pub expect: Option<Expect>,
    /// What AWS does instead, where the expectation is known to be wrong.
    pub gap: Option<String>,
}

/// What a line does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Calls an operation.
    Call(Call),
    /// Sends a request to a deployed API.
    Http(Http),
    /// Moves the clock on, by milliseconds.
    Clock(u64),
    /// Says what a function does, and makes it unless the case itself does.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        behaviour: Behaviour,
    },
}

/// A call of an operation.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls; root if nobody is named.
    pub by: Option<By>,
    /// Endpoint id.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Parameters, a map.
    pub params: Node,
}

/// A request to a deployed API.
#[derive(Clone, Debug)]
pub struct Http {
    /// Who signs it; nobody if `None`.
    pub by: Option<By>,
    /// Method.
    pub method: String,
    /// URL, with `{api}` for the first API of the case.
    pub url: String,
    /// `{headers: {…}, body: …}`.
    pub options: Node,
}

/// Who makes a call.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// A user, role or session made earlier in the case; or twelve digits, for the root of that account.
    Name(String),
    /// The credentials that a step answered.
    Step(usize),
}

/// What a step must answer.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Success, and a result of this form.
    Result(Node),
    /// An error.
    Error {
        /// Code.
        code: String,
        /// HTTP status.
        status: u16,
        /// Text: exact, `*` or `re:…`.
        message: String,
        /// Further members of the error.
        fields: Option<Node>,
    },
    /// An HTTP answer.
    Http {
        /// Status.
        status: u16,
        /// `{headers: {…}, body: …}` or `{json: …}`.
        answer: Option<Node>,
    },
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What.
    pub problem: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests;
