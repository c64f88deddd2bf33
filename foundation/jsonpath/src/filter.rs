//! Filters: `?(@.a == 'x' && (@.b > 3 || !@.c))`.
//!
//! Operators: `== != < <= > >= =~ in nin contains size empty anyof noneof subsetof all`. A number and a string that reads as one are equal, as Jayway has it.

use std::cmp::Ordering;

use crate::evaluate::{Budget, find};
use crate::literal::{self, Literal};
use crate::parse::{self, Cursor};
use crate::{Error, Found, Kind, Node, PATH_STEPS_MAX, Path};

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    Or(Vec<Filter>),
    And(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Box<Path>),
    Compare(Operand, Operator, Operand),
}

#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Path(Box<Path>),
    Literal(Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    Size,
    Empty,
    AnyOf,
    NoneOf,
    SubsetOf,
    All,
}

/// What a match of a regular expression counts as.
const REGEX_VISITS: usize = 20;

/// Symbols first, longer ones before their beginnings.
const OPERATORS: [(&str, Operator); 18] = [
    ("===", Operator::Equal),
    ("!==", Operator::NotEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=~", Operator::Matches),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("subsetof", Operator::SubsetOf),
    ("all", Operator::All),
];

/// A filter in parentheses, the opening one next.
pub(crate) fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, Error> {
    if depth > PATH_STEPS_MAX / 2 {
        return Err(Error::new("a filter is nested too deeply"));
    }
    cursor.eat("(");
    let filter = either(cursor, depth)?;
    cursor.skip_spaces();
    if !cursor.eat(")") {
        return Err(Error::new("Filter brackets are not balanced"));
    }
    Ok(filter)
}

fn either(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, Error> {
    let mut parts = vec![both(cursor, depth)?];
    loop {
        cursor.skip_spaces();
        if !cursor.eat("||") {
            return Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) });
        }
        parts.push(both(cursor, depth)?);
    }
}

fn both(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, Error> {
    let mut parts = vec![single(cursor, depth)?];
    loop {
        cursor.skip_spaces();
        if !cursor.eat("&&") {
            return Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) });
        }
        parts.push(single(cursor, depth)?);
    }
}

fn single(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, Error> {
    cursor.skip_spaces();
    if cursor.eat("!") {
        if depth > PATH_STEPS_MAX / 2 {
            return Err(Error::new("a filter is nested too deeply"));
        }
        return Ok(Filter::Not(Box::new(single(cursor, depth + 1)?)));
    }
    if cursor.peek() == Some('(') {
        return parse(cursor, depth + 1);
    }
    let left = operand(cursor, depth)?;
    cursor.skip_spaces();
    let Some(operator) = operator(cursor) else {
        return match left {
            Operand::Path(path) => Ok(Filter::Exists(path)),
            Operand::Literal(_) => Err(Error::new("a filter needs a path or a comparison")),
        };
    };
    let right = operand(cursor, depth)?;
    Ok(Filter::Compare(left, operator, right))
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let word = cursor.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(cursor.rest().len());
    let name = cursor.rest()[..word].to_ascii_lowercase();
    for (symbol, operator) in OPERATORS {
        if word > 0 && name == symbol {
            cursor.take_while(|c| c.is_ascii_alphabetic());
            return Some(operator);
        }
        if word == 0 && cursor.eat(symbol) {
            return Some(operator);
        }
    }
    None
}

fn operand(cursor: &mut Cursor<'_>, depth: usize) -> Result<Operand, Error> {
    cursor.skip_spaces();
    match cursor.peek() {
        Some('@' | '$') => {
            let path = parse::steps(cursor, depth)?;
            if !path.is_definite() {
                return Err(Error::new("a path in a filter must be definite"));
            }
            Ok(Operand::Path(Box::new(path)))
        }
        _ => Ok(Operand::Literal(literal::literal(cursor, depth)?)),
    }
}

/// A value on one side of a comparison.
enum Side<'f, N> {
    Node(N),
    Literal(&'f Literal),
}

/// A scalar of either kind of side.
enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(f64),
    String(&'a str),
    Composite,
}

impl Filter {
    /// Whether an item passes.
    pub fn accepts<N: Node>(&self, item: &N, root: &N, budget: &Budget) -> Result<bool, Error> {
        match self {
            Filter::Or(parts) => {
                for part in parts {
                    if part.accepts(item, root, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Filter::And(parts) => {
                for part in parts {
                    if !part.accepts(item, root, budget)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Filter::Not(inner) => Ok(!inner.accepts(item, root, budget)?),
            Filter::Exists(path) => {
                Ok(value(path, item, root, budget)?.is_some_and(|n| n.kind() != Kind::Null))
            }
            Filter::Compare(left, operator, right) => {
                let Some(left) = side(left, item, root, budget)? else { return Ok(false) };
                let Some(right) = side(right, item, root, budget)? else { return Ok(false) };
                // Lists are searched for each element of the other; a regular expression may backtrack.
                let work = if *operator == Operator::Matches {
                    REGEX_VISITS
                } else {
                    (1 + left.len()) * (1 + right.len())
                };
                budget.spend(work)?;
                Ok(compare(&left, *operator, &right))
            }
        }
    }
}

fn value<N: Node>(path: &Path, item: &N, root: &N, budget: &Budget) -> Result<Option<N>, Error> {
    budget.visit()?;
    let start = if path.from_root { root } else { item };
    Ok(match find(path, start, root, budget)? {
        Found::One(node) => Some(node),
        Found::Many(_) | Found::Missing => None,
    })
}

fn side<'f, N: Node>(
    operand: &'f Operand,
    item: &N,
    root: &N,
    budget: &Budget,
) -> Result<Option<Side<'f, N>>, Error> {
    Ok(match operand {
        Operand::Literal(literal) => Some(Side::Literal(literal)),
        Operand::Path(path) => value(path, item, root, budget)?.map(Side::Node),
    })
}

fn compare<N: Node>(left: &Side<'_, N>, operator: Operator, right: &Side<'_, N>) -> bool {
    let order = || order(&left.scalar(), &right.scalar());
    match operator {
        Operator::Equal => equal(left, right).unwrap_or(false),
        Operator::NotEqual => equal(left, right).is_some_and(|e| !e),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Operator::Matches => matches(left, right),
        Operator::In => within(left, right),
        Operator::NotIn => right.items().is_some() && !within(left, right),
        Operator::Contains => contains(left, right),
        Operator::Size => {
            matches!(right.scalar(), Scalar::Number(n) if left.size().is_some_and(|size| size as f64 == n))
        }
        Operator::Empty => {
            matches!(right.scalar(), Scalar::Bool(b) if left.size().is_some_and(|size| (size == 0) == b))
        }
        Operator::AnyOf => left.items().is_some_and(|items| items.iter().any(|item| within(item, right))),
        Operator::NoneOf => left.items().is_some_and(|items| !items.iter().any(|item| within(item, right))),
        Operator::SubsetOf => left.items().is_some_and(|items| items.iter().all(|item| within(item, right))),
        Operator::All => right
            .items()
            .is_some_and(|items| left.items().is_some() && items.iter().all(|item| within(item, left))),
    }
}

impl<N: Node> Side<'_, N> {
    /// How many elements a list has.
    fn len(&self) -> usize {
        match self {
            Side::Node(node) if node.kind() == Kind::Array => node.len(),
            Side::Literal(Literal::List(items)) => items.len(),
            _ => 0,
        }
    }

    fn scalar(&self) -> Scalar<'_> {
        match self {
            Side::Node(node) => match node.kind() {
                Kind::Null => Scalar::Null,
                Kind::Bool(b) => Scalar::Bool(b),
                Kind::Number(n) => Scalar::Number(n),
                Kind::String(s) => Scalar::String(s),
                Kind::Array | Kind::Object => Scalar::Composite,
            },
            Side::Literal(literal) => match literal {
                Literal::Null => Scalar::Null,
                Literal::Bool(b) => Scalar::Bool(*b),
                Literal::Number(n) => Scalar::Number(*n),
                Literal::String(s) => Scalar::String(s),
                Literal::List(_) | Literal::Regex(_) => Scalar::Composite,
            },
        }
    }

    fn items(&self) -> Option<Vec<Side<'_, N>>> {
        match self {
            Side::Node(node) if node.kind() == Kind::Array => {
                Some(node.elements().into_iter().map(Side::Node).collect())
            }
            Side::Literal(Literal::List(items)) => Some(items.iter().map(Side::Literal).collect()),
            _ => None,
        }
    }

    fn size(&self) -> Option<usize> {
        match self.scalar() {
            Scalar::String(s) => Some(s.encode_utf16().count()),
            _ => self.items().map(|items| items.len()),
        }
    }
}

/// None when the two cannot be compared.
fn equal<N: Node>(left: &Side<'_, N>, right: &Side<'_, N>) -> Option<bool> {
    let (l, r) = (left.scalar(), right.scalar());
    if let (Scalar::Composite, Scalar::Composite) = (&l, &r) {
        let (l, r) = (left.items()?, right.items()?);
        return Some(
            l.len() == r.len()
                && l.iter().zip(&r).all(|(l, r)| equal_scalars(&l.scalar(), &r.scalar()) == Some(true)),
        );
    }
    equal_scalars(&l, &r)
}

fn equal_scalars(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<bool> {
    match (left, right) {
        (Scalar::Null, Scalar::Null) => Some(true),
        (Scalar::Null, _) | (_, Scalar::Null) => Some(false),
        (Scalar::Bool(b), Scalar::String(s)) | (Scalar::String(s), Scalar::Bool(b)) => {
            Some(s.eq_ignore_ascii_case("true") == *b)
        }
        (Scalar::Number(_), Scalar::String(_) | Scalar::Bool(_))
        | (Scalar::String(_) | Scalar::Bool(_), Scalar::Number(_)) => {
            Some(order(left, right).is_some_and(Ordering::is_eq))
        }
        _ => order(left, right).map(Ordering::is_eq),
    }
}

fn order(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Number(l), Scalar::Number(r)) => l.partial_cmp(r),
        (Scalar::String(l), Scalar::String(r)) => Some(l.cmp(r)),
        (Scalar::Number(l), Scalar::String(r)) => l.partial_cmp(&r.trim().parse().ok()?),
        (Scalar::String(l), Scalar::Number(r)) => l.trim().parse::<f64>().ok()?.partial_cmp(r),
        (Scalar::Bool(l), Scalar::Bool(r)) => Some(l.cmp(r)),
        _ => None,
    }
}

fn within<N: Node>(item: &Side<'_, N>, list: &Side<'_, N>) -> bool {
    list.items().is_some_and(|items| items.iter().any(|other| equal(item, other) == Some(true)))
}

fn contains<N: Node>(left: &Side<'_, N>, right: &Side<'_, N>) -> bool {
    match (left.scalar(), right.scalar()) {
        (Scalar::String(text), Scalar::String(part)) => text.contains(part),
        _ => within(right, left),
    }
}

fn matches<N: Node>(left: &Side<'_, N>, right: &Side<'_, N>) -> bool {
    let (regex, text) = match (left, right) {
        (text, Side::Literal(Literal::Regex(regex))) | (Side::Literal(Literal::Regex(regex)), text) => {
            (regex, text)
        }
        _ => return false,
    };
    let matched = match text.scalar() {
        Scalar::String(s) => regex.is_match(s),
        Scalar::Number(n) => regex.is_match(&n.to_string()),
        Scalar::Bool(b) => regex.is_match(if b { "true" } else { "false" }),
        Scalar::Null | Scalar::Composite => return false,
    };
    // An expression that backtracks beyond its limit matches nothing.
    matched.unwrap_or(false)
}
