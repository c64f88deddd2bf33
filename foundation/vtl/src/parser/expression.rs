//! Expressions: operators by precedence, literals, lists, maps, ranges, strings.

use super::{Fault, Parser, parse};
use crate::ast::{Expr, Operand, Operator};
use crate::lexer::Kind;

/// Operators of one precedence, the loosest first.
const LEVELS: [&[(Kind, Operator)]; 4] = [
    &[(Kind::Equal, Operator::Equal), (Kind::NotEqual, Operator::NotEqual)],
    &[
        (Kind::Less, Operator::Less),
        (Kind::LessOrEqual, Operator::LessOrEqual),
        (Kind::Greater, Operator::Greater),
        (Kind::GreaterOrEqual, Operator::GreaterOrEqual),
    ],
    &[(Kind::Plus, Operator::Add), (Kind::Minus, Operator::Subtract)],
    &[
        (Kind::Multiply, Operator::Multiply),
        (Kind::Divide, Operator::Divide),
        (Kind::Modulus, Operator::Remainder),
    ],
];

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Result<Expr, Fault> {
        self.deeper()?;
        let mut parts = vec![self.conjunction()?];
        while self.eat(Kind::Or)? {
            parts.push(self.conjunction()?);
        }
        self.shallower();
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn conjunction(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.level(0)?.value];
        while self.eat(Kind::And)? {
            parts.push(self.level(0)?.value);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn level(&mut self, level: usize) -> Result<Operand, Fault> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let start = self.level(level + 1)?;
        let mut rest: Vec<(Operator, Operand)> = Vec::new();
        loop {
            let kind = self.kind()?;
            let Some((_, operator)) = operators.iter().find(|(k, _)| *k == kind) else { break };
            self.take()?;
            let first = self.next;
            let mut operand = self.level(level + 1)?;
            operand.around = self.literal(first).into();
            rest.push((*operator, operand));
        }
        match rest.last() {
            None => Ok(start),
            Some((_, last)) => {
                let literal = last.around.clone();
                Ok(Operand { value: Expr::Chain(Box::new(start), rest), literal, around: "".into() })
            }
        }
    }

    fn unary(&mut self) -> Result<Operand, Fault> {
        let skip = usize::from(self.kind()? == Kind::Whitespace);
        if self.peek(skip)?.kind == Kind::Not {
            self.next += skip + 1;
            let first = self.next;
            self.deeper()?;
            let inner = self.unary()?.value;
            self.shallower();
            let literal = self.literal(first).into();
            return Ok(Operand { value: Expr::Not(Box::new(inner)), literal, around: "".into() });
        }
        self.next += skip;
        let first = self.next;
        let (value, literal) = if self.eat(Kind::LParen)? {
            let value = self.expression()?;
            let literal = self.literal(first + 1);
            self.expect(Kind::RParen)?;
            (value, literal)
        } else {
            (self.value()?, self.literal(first))
        };
        self.skip_spaces()?;
        Ok(Operand { value, literal: literal.into(), around: "".into() })
    }

    /// A value with the blanks around it.
    pub(super) fn parameter(&mut self) -> Result<Expr, Fault> {
        self.skip_spaces()?;
        let value = self.value()?;
        self.skip_spaces()?;
        Ok(value)
    }

    /// A literal, list, map, range or reference.
    pub(super) fn value(&mut self) -> Result<Expr, Fault> {
        let token = self.peek(0)?;
        let (image, start) = (token.image, token.start);
        match token.kind {
            Kind::String => {
                self.take()?;
                self.string(image, start)
            }
            Kind::Integer => {
                self.take()?;
                Ok(image
                    .parse()
                    .map_or_else(|_| Expr::Float(image.parse().unwrap_or(f64::NAN)), Expr::Integer))
            }
            Kind::Float => {
                self.take()?;
                image
                    .parse()
                    .map(Expr::Float)
                    .map_err(|_| Fault::at(start, format!("{image} is not a number")))
            }
            Kind::True | Kind::False => {
                let value = self.take()?.kind == Kind::True;
                Ok(Expr::Bool(value))
            }
            Kind::Identifier | Kind::LCurly => Ok(Expr::Reference(Box::new(self.reference()?))),
            Kind::LBracket => self.list_or_range(),
            Kind::LeftCurly => self.map(),
            _ => Err(self.unexpected()),
        }
    }

    fn list_or_range(&mut self) -> Result<Expr, Fault> {
        let start = self.expect(Kind::LBracket)?.start;
        self.deeper()?;
        let mut items = Vec::new();
        if self.kind()? != Kind::RBracket {
            loop {
                items.push(self.parameter()?);
                if items.len() == 1 && self.kind()? == Kind::DoubleDot && is_range_end(&items[0]) {
                    self.take()?;
                    let last = self.parameter()?;
                    if !is_range_end(&last) {
                        return Err(Fault::at(start, "a range runs between numbers or references"));
                    }
                    self.expect(Kind::RBracket)?;
                    self.shallower();
                    let at = self.place(start);
                    return Ok(Expr::Range(Box::new((items.remove(0), last)), at));
                }
                if !self.eat(Kind::Comma)? {
                    break;
                }
            }
        }
        self.expect(Kind::RBracket)?;
        self.shallower();
        Ok(Expr::List(items))
    }

    fn map(&mut self) -> Result<Expr, Fault> {
        self.expect(Kind::LeftCurly)?;
        self.deeper()?;
        let mut entries = Vec::new();
        let skip = usize::from(self.kind()? == Kind::Whitespace);
        if matches!(self.peek(skip)?.kind, Kind::RightCurly | Kind::RCurly) {
            self.next += skip;
        } else {
            loop {
                let key = self.parameter()?;
                self.expect(Kind::Colon)?;
                entries.push((key, self.parameter()?));
                if !self.eat(Kind::Comma)? {
                    break;
                }
            }
        }
        if !self.eat(Kind::RCurly)? {
            self.expect(Kind::RightCurly)?;
        }
        self.shallower();
        Ok(Expr::Map(entries))
    }

    /// A quoted string: single quotes keep everything, double quotes are templates of their own.
    fn string(&mut self, image: &str, start: usize) -> Result<Expr, Fault> {
        let quote = &image[..1];
        let inner = image.strip_prefix(quote).and_then(|s| s.strip_suffix(quote)).unwrap_or_default();
        let doubled = quote.repeat(2);
        if quote == "'" {
            return Ok(Expr::Text(inner.replace(&doubled, quote).into()));
        }
        let text = unescape(inner)
            .ok_or_else(|| Fault::at(start, "\\u is followed by four hexadecimal digits"))?
            .replace(&doubled, quote);
        if !image.contains(['$', '#']) {
            return Ok(Expr::Text(text.into()));
        }
        // Velocity appends a blank, so that no element meets the end of the text, and takes it away when rendering.
        let trim = !text.contains("##");
        let source = if trim { format!("{text} ") } else { text };
        let at = self.place(start);
        let block = parse(&source, Some(at), self.depth, self.macros).map_err(|(fault, _)| {
            Fault::at(start, format!("Failed to parse String literal: {}", fault.message))
        })?;
        Ok(Expr::Interpolated { block, trim })
    }
}

fn is_range_end(value: &Expr) -> bool {
    matches!(value, Expr::Integer(_) | Expr::Reference(_))
}

/// `\u0041` becomes its character; every other backslash stays. None when digits are missing.
fn unescape(text: &str) -> Option<String> {
    if !text.contains("\\u") {
        return Some(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        let hex = rest.get(at + 2..at + 6)?;
        units.push(u16::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+'))?);
        rest = &rest[at + 6..];
    }
    units.extend(rest.encode_utf16());
    Some(String::from_utf16_lossy(&units))
}
