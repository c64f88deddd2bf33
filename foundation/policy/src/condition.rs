//! The Condition element: operators, their `IfExists`, `ForAllValues:` and `ForAnyValue:` forms.
//!
//! Always holds: all operators and all keys must hold, one of a key's values is enough (none of them for a negated
//! operator); a key that is not there fails a plain operator and passes a negated one.
//!
//! AWS: IAM JSON policy elements: Condition operators; Set operators for multivalued context keys.
//! Known difference from AWS: an operator without a set prefix on a key with several values holds if one of them
//! matches, and a negated one if none does; AWS leaves that open.

use crate::context::Context;
use crate::pattern::{ArnPattern, Case, Pattern, Reading};
use crate::value::{AddressRange, parse_bool, parse_date, parse_number};

/// One operator on one key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    set: Set,
    if_exists: bool,
    key: Box<str>,
    operands: Vec<Operand>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    None,
    ForAllValues,
    ForAnyValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operator {
    family: Family,
    negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Text(Case),
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

// A value of the policy, read as its operator wants it.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Pattern(Pattern),
    Number(f64),
    Date(i128),
    Bool(bool),
    Address(AddressRange),
    Arn(ArnPattern),
    Text(Box<str>),
    /// Not a value of the operator's type: matches nothing.
    Nothing,
}

const OPERATORS: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::Text(Case::Exact), false),
    ("StringNotEquals", Family::Text(Case::Exact), true),
    ("StringEqualsIgnoreCase", Family::Text(Case::Ignored), false),
    ("StringNotEqualsIgnoreCase", Family::Text(Case::Ignored), true),
    ("StringLike", Family::Like, false),
    ("StringNotLike", Family::Like, true),
    ("NumericEquals", Family::Number(Order::Equal), false),
    ("NumericNotEquals", Family::Number(Order::Equal), true),
    ("NumericLessThan", Family::Number(Order::Less), false),
    ("NumericLessThanEquals", Family::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Family::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Family::Number(Order::GreaterOrEqual), false),
    ("DateEquals", Family::Date(Order::Equal), false),
    ("DateNotEquals", Family::Date(Order::Equal), true),
    ("DateLessThan", Family::Date(Order::Less), false),
    ("DateLessThanEquals", Family::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Family::Date(Order::GreaterOrEqual), false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::Address, false),
    ("NotIpAddress", Family::Address, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

/// Whether `name` is an operator, with its prefix and ending.
pub(crate) fn is_operator(name: &str) -> bool {
    parse_operator(name).is_some()
}

/// Whether `name` compares dates.
pub(crate) fn is_date_operator(name: &str) -> bool {
    matches!(parse_operator(name), Some((_, Operator { family: Family::Date(_), .. }, _)))
}

fn parse_operator(name: &str) -> Option<(Set, Operator, bool)> {
    let (set, name) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Set::ForAllValues, rest),
        Some(("ForAnyValue", rest)) => (Set::ForAnyValue, rest),
        Some(_) => return None,
        None => (Set::None, name),
    };
    let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |rest| (rest, true));
    let (_, family, negated) = OPERATORS.iter().find(|(known, ..)| *known == name)?;
    if if_exists && *family == Family::Null {
        return None;
    }
    Some((set, Operator { family: *family, negated: *negated }, if_exists))
}

impl Condition {
    /// `None` for an unknown operator.
    pub(crate) fn compile(
        operator: &str,
        key: &str,
        values: &[String],
        variables: bool,
    ) -> Option<Condition> {
        let (set, operator, if_exists) = parse_operator(operator)?;
        let operands =
            values.iter().map(|value| Operand::compile(operator.family, value, variables)).collect();
        Some(Condition { operator, set, if_exists, key: key.to_ascii_lowercase().into(), operands })
    }

    /// Whether the condition holds; `None` when a policy variable has no value.
    pub(crate) fn holds(&self, context: &Context) -> Option<bool> {
        let values = context.get(&self.key);
        let negated = self.operator.negated;
        if self.operator.family == Family::Null {
            let is_absent = values.is_empty();
            return Some(self.operands.contains(&Operand::Bool(is_absent)));
        }
        if values.is_empty() {
            return Some(match self.set {
                _ if self.if_exists => true,
                Set::ForAllValues => true,
                Set::ForAnyValue => false,
                Set::None => negated,
            });
        }
        let mut results = Vec::with_capacity(values.len());
        for value in values {
            results.push(self.matches_one(value, context)? != negated);
        }
        Some(match self.set {
            Set::ForAllValues => results.iter().all(|result| *result),
            Set::ForAnyValue => results.iter().any(|result| *result),
            Set::None if negated => results.iter().all(|result| *result),
            Set::None => results.iter().any(|result| *result),
        })
    }

    fn matches_one(&self, value: &str, context: &Context) -> Option<bool> {
        let mut undecided = false;
        for operand in &self.operands {
            match operand.matches(self.operator.family, value, context) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => undecided = true,
            }
        }
        if undecided { None } else { Some(false) }
    }
}

impl Operand {
    fn compile(family: Family, value: &str, variables: bool) -> Operand {
        let operand = match family {
            Family::Text(_) => {
                Some(Operand::Pattern(Pattern::compile(value, Reading { wildcards: false, variables })))
            }
            Family::Like => {
                Some(Operand::Pattern(Pattern::compile(value, Reading { wildcards: true, variables })))
            }
            Family::Arn => {
                Some(Operand::Arn(ArnPattern::compile(value, Reading { wildcards: true, variables })))
            }
            Family::Number(_) => parse_number(value).map(Operand::Number),
            Family::Date(_) => parse_date(value).map(Operand::Date),
            Family::Bool | Family::Null => parse_bool(value).map(Operand::Bool),
            Family::Address => AddressRange::parse(value).map(Operand::Address),
            Family::Binary => Some(Operand::Text(value.into())),
        };
        operand.unwrap_or(Operand::Nothing)
    }

    fn matches(&self, family: Family, value: &str, context: &Context) -> Option<bool> {
        Some(match (self, family) {
            (Operand::Pattern(pattern), Family::Text(case)) => return pattern.matches(value, context, case),
            (Operand::Pattern(pattern), _) => return pattern.matches(value, context, Case::Exact),
            (Operand::Arn(pattern), _) => return pattern.matches(value, context),
            (Operand::Number(wanted), Family::Number(order)) => {
                parse_number(value).is_some_and(|number| order.holds(number.partial_cmp(wanted)))
            }
            (Operand::Date(wanted), Family::Date(order)) => {
                parse_date(value).is_some_and(|date| order.holds(Some(date.cmp(wanted))))
            }
            (Operand::Bool(wanted), _) => parse_bool(value) == Some(*wanted),
            (Operand::Address(range), _) => range.contains(value),
            (Operand::Text(wanted), _) => **wanted == *value,
            _ => false,
        })
    }
}

impl Order {
    fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        })
    }
}

#[cfg(test)]
mod tests;
