//! Metric math: the language of expressions over metrics.
//!
//! AWS: Using metric math. An expression is parsed whole before anything is read. Numbers, time series, lists of time series and texts are its
//! values. Not there, each refused by name: `SEARCH`, `ANOMALY_DETECTION_BAND`, `INSIGHT_RULE_METRIC`, `SERVICE_QUOTA`, `LAMBDA`,
//! `DB_PERF_INSIGHTS`, and Metrics Insights queries (`SELECT …`).

pub mod evaluate;
mod functions;
mod parse;

pub use parse::parse;

/// How deep expressions may lie in each other.
const DEPTH_MAX: usize = 40;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A quoted text.
    Text(String),
    /// The id of another query, or a word that a function knows.
    Name(String),
    /// `[m1, m2]`.
    List(Vec<Expr>),
    /// `-x`.
    Minus(Box<Expr>),
    /// `a + b`.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// `SUM(METRICS())`: the name in upper case.
    Call(String, Vec<Expr>),
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// `||`, `OR`.
    Or,
    /// `&&`, `AND`.
    And,
    /// `==`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `/`.
    Over,
    /// `^`.
    Power,
}

impl Op {
    /// Its result; `None` where there is none, as for a division by zero.
    pub fn apply(self, left: f64, right: f64) -> Option<f64> {
        let truth = |holds: bool| f64::from(u8::from(holds));
        let value = match self {
            Op::Or => truth(left != 0.0 || right != 0.0),
            Op::And => truth(left != 0.0 && right != 0.0),
            Op::Equal => truth(left == right),
            Op::Unequal => truth(left != right),
            Op::Less => truth(left < right),
            Op::LessOrEqual => truth(left <= right),
            Op::Greater => truth(left > right),
            Op::GreaterOrEqual => truth(left >= right),
            Op::Plus => left + right,
            Op::Minus => left - right,
            Op::Times => left * right,
            Op::Over => left / right,
            Op::Power => left.powf(right),
        };
        value.is_finite().then_some(value)
    }
}

impl Expr {
    /// Calls `visit` with every name that stands for a query.
    pub fn names(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Expr::Number(_) | Expr::Text(_) => {}
            Expr::Name(name) if functions::is_word(name) => {}
            Expr::Name(name) => visit(name),
            Expr::List(items) | Expr::Call(_, items) => items.iter().for_each(|item| item.names(visit)),
            Expr::Minus(inner) => inner.names(visit),
            Expr::Binary(_, left, right) => {
                left.names(visit);
                right.names(visit);
            }
        }
    }
}

#[cfg(test)]
mod tests;
