//! Expressions: values and truth.
//!
//! Truth is not the value's own: a literal or a sum in a condition is false, whatever it is worth, as Velocity has it.

use super::{Interpreter, RenderError, fail};
use crate::ast::{At, Expr, Operand, Operator};
use crate::methods;
use crate::number::{calculate, compare};
use crate::text::loosely_equal;
use crate::value::{Map, Value};

impl Interpreter<'_> {
    pub(super) fn value(&mut self, expr: &Expr) -> Result<Value, RenderError> {
        self.budget.step(1).map_err(|m| fail(At::default(), m))?;
        match expr {
            Expr::Integer(i) => Ok(Value::Integer(*i)),
            Expr::Float(f) => Ok(Value::Float(*f)),
            Expr::Bool(b) => Ok(Value::Bool(*b)),
            Expr::Text(text) => Ok(Value::Text(text.clone())),
            Expr::Reference(reference) => {
                self.deeper(reference.at)?;
                let value = self.resolve(reference);
                self.nesting -= 1;
                value
            }
            Expr::Interpolated { block, trim } => {
                let mut text = String::new();
                self.block(block, &mut text)?;
                if *trim && text.ends_with(' ') {
                    text.pop();
                }
                Ok(Value::from(text))
            }
            Expr::Or(_) | Expr::And(_) | Expr::Not(_) => Ok(Value::Bool(self.truth(expr)?)),
            Expr::Chain(first, rest) => self.chain(first, rest),
            Expr::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.nested(item)?);
                }
                self.new_list(values, At::default())
            }
            Expr::Map(entries) => {
                let map = Map::default();
                for (key, value) in entries {
                    let key = self.nested(key)?;
                    let key = methods::to_key(&key, &self.budget).map_err(|m| fail(At::default(), m))?;
                    let value = self.nested(value)?;
                    self.budget.charge(96).map_err(|m| fail(At::default(), m))?;
                    map.0.entries.borrow_mut().insert(key, value);
                }
                Ok(Value::Map(map))
            }
            Expr::Range(ends, at) => self.range(&ends.0, &ends.1, *at),
        }
    }

    fn nested(&mut self, expr: &Expr) -> Result<Value, RenderError> {
        self.deeper(At::default())?;
        let value = self.value(expr);
        self.nesting -= 1;
        value
    }

    fn range(&mut self, first: &Expr, last: &Expr, at: At) -> Result<Value, RenderError> {
        let (Value::Integer(first), Value::Integer(last)) = (self.value(first)?, self.value(last)?) else {
            return Ok(Value::Null);
        };
        let count = last.abs_diff(first).saturating_add(1);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.budget.charge(count.saturating_mul(48)).map_err(|m| fail(at, m))?;
        let items = match first <= last {
            true => (first..=last).map(Value::Integer).collect(),
            false => (last..=first).rev().map(Value::Integer).collect(),
        };
        self.new_list(items, at)
    }

    /// What a condition makes of an expression.
    pub(super) fn truth(&mut self, expr: &Expr) -> Result<bool, RenderError> {
        match expr {
            Expr::Bool(b) => Ok(*b),
            Expr::Reference(reference) => {
                self.deeper(reference.at)?;
                let value = self.resolve(reference);
                self.nesting -= 1;
                match value? {
                    Value::Null => Ok(false),
                    Value::Bool(b) => Ok(b),
                    _ => Ok(true),
                }
            }
            Expr::Or(parts) => {
                for part in parts {
                    if self.nested_truth(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expr::And(parts) => {
                for part in parts {
                    if !self.nested_truth(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Not(inner) => Ok(!self.nested_truth(inner)?),
            Expr::Chain(_, rest) => {
                // The last operator of the chain is the outermost.
                let compares = rest.last().is_some_and(|(operator, _)| is_comparison(*operator));
                Ok(compares && matches!(self.value(expr)?, Value::Bool(true)))
            }
            _ => Ok(false),
        }
    }

    fn nested_truth(&mut self, expr: &Expr) -> Result<bool, RenderError> {
        self.deeper(At::default())?;
        let truth = self.truth(expr);
        self.nesting -= 1;
        truth
    }

    fn chain(&mut self, first: &Operand, rest: &[(Operator, Operand)]) -> Result<Value, RenderError> {
        let mut left = self.nested(&first.value)?;
        let mut literal = &first.literal;
        for (operator, operand) in rest {
            let right = self.nested(&operand.value)?;
            left = self.apply(left, literal, *operator, right, &operand.literal)?;
            literal = &operand.around;
        }
        Ok(left)
    }

    fn apply(
        &mut self,
        left: Value,
        left_literal: &str,
        operator: Operator,
        right: Value,
        right_literal: &str,
    ) -> Result<Value, RenderError> {
        let at = At::default();
        let failed = |m: String| fail(at, m);
        match operator {
            Operator::Equal => Ok(Value::Bool(self.equal(&left, &right)?)),
            Operator::NotEqual => Ok(Value::Bool(!self.equal(&left, &right)?)),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                let Some(order) = compare(&left, &right) else { return Ok(Value::Bool(false)) };
                Ok(Value::Bool(match operator {
                    Operator::Less => order.is_lt(),
                    Operator::LessOrEqual => order.is_le(),
                    Operator::Greater => order.is_gt(),
                    _ => order.is_ge(),
                }))
            }
            Operator::Add if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) => {
                let mut text = self.print(&left, at)?.unwrap_or_else(|| left_literal.to_owned());
                text.push_str(&self.print(&right, at)?.unwrap_or_else(|| right_literal.to_owned()));
                self.budget.charge(text.len()).map_err(failed)?;
                Ok(Value::from(text))
            }
            operator => Ok(calculate(&left, operator, &right).unwrap_or(Value::Null)),
        }
    }

    fn equal(&mut self, left: &Value, right: &Value) -> Result<bool, RenderError> {
        let at = At::default();
        match (left, right) {
            (Value::Block(_), _) | (_, Value::Block(_)) => {
                let (left, right) = (self.print(left, at)?, self.print(right, at)?);
                Ok(left == right)
            }
            _ => loosely_equal(left, right, &self.budget).map_err(|m| fail(at, m)),
        }
    }
}

fn is_comparison(operator: Operator) -> bool {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    matches!(operator, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
}
