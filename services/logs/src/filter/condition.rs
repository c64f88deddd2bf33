//! One comparison of a JSON property or a field with a value, and the scanner that patterns are read with.
//!
//! Values may hold `*`, which stands for any characters, or be a regular expression between `%`.

use regex::{Regex, RegexBuilder};

use super::invalid;
use crate::error::Error;

/// Largest compiled regular expression, in bytes.
const REGEX_BYTES_MAX: usize = 256 * 1024;
/// Regular expressions that one JSON or space-delimited pattern may hold (AWS: Filter pattern syntax, quotas).
pub const REGEXES_MAX: usize = 2;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a property or field is compared with.
#[derive(Debug)]
pub enum Operand {
    /// A number, and how it was written.
    Number(f64, String),
    /// Text between `*`s; one part means equality.
    Text(Vec<String>),
    /// `%regex%`.
    Regex(Regex),
}

/// A comparison with a value.
#[derive(Debug)]
pub struct Condition {
    comparison: Comparison,
    operand: Operand,
}

impl Condition {
    /// True if text meets it. Text that is written as a number is compared as one.
    pub fn meets_text(&self, text: &str) -> bool {
        match (&self.operand, text.parse::<f64>()) {
            (Operand::Number(number, _), Ok(value)) => self.ordered(value, *number),
            (operand, _) => self.equal_or_not(match operand {
                Operand::Number(_, written) => written == text,
                Operand::Text(parts) => wildcard(parts, text),
                Operand::Regex(regex) => regex.is_match(text),
            }),
        }
    }

    /// True if a number meets it.
    pub fn meets_number(&self, value: f64) -> bool {
        match &self.operand {
            Operand::Number(number, _) => self.ordered(value, *number),
            Operand::Text(_) | Operand::Regex(_) => self.equal_or_not(false),
        }
    }

    fn ordered(&self, left: f64, right: f64) -> bool {
        match self.comparison {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }

    fn equal_or_not(&self, is_equal: bool) -> bool {
        match self.comparison {
            Comparison::Equal => is_equal,
            Comparison::NotEqual => !is_equal,
            _ => false,
        }
    }
}

fn wildcard(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return parts.first().is_some_and(|part| part == text) };
    let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
    let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Reads a pattern from left to right.
pub struct Scanner<'a> {
    rest: &'a str,
    regexes: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning of `text`.
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text, regexes: 0 }
    }

    /// Skips white space, then takes `token` if it is next.
    pub fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let tail = self.rest.strip_prefix(token);
        self.rest = tail.unwrap_or(self.rest);
        tail.is_some()
    }

    /// Takes a keyword, in any case, that ends where a word ends.
    pub fn take_word(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let is_next = self.rest.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word));
        let ends =
            !self.rest.get(word.len()..).unwrap_or_default().starts_with(|c: char| c.is_alphanumeric());
        if is_next && ends {
            self.rest = &self.rest[word.len()..];
        }
        is_next && ends
    }

    /// True if `c` is next, without skipping white space.
    pub fn starts_with(&self, c: char) -> bool {
        self.rest.starts_with(c)
    }

    /// True if nothing but white space is left.
    pub fn is_done(&self) -> bool {
        self.rest.trim_start().is_empty()
    }

    /// Takes the characters that `accept` accepts, without skipping white space.
    pub fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes a text up to the next `quote`, before which a backslash keeps it; the opening one is already taken.
    pub fn take_quoted(&mut self, quote: char) -> Result<String, Error> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, kept)) if kept == quote || kept == '\\' => text.push(kept),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => return Err(invalid()),
                },
                c if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Ok(text);
                }
                c => text.push(c),
            }
        }
        Err(invalid())
    }

    /// Takes a comparison operator, if one is next.
    pub fn take_comparison(&mut self) -> Option<Comparison> {
        let operators = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        operators.into_iter().find(|(token, _)| self.take(token)).map(|(_, comparison)| comparison)
    }

    /// Takes the value of a comparison. A bare one ends before any of `stops`, white space, `&&` or `||`.
    pub fn take_condition(&mut self, comparison: Comparison, stops: &[char]) -> Result<Condition, Error> {
        let operand = if self.take("\"") {
            Operand::Text(split(&self.take_quoted('"')?))
        } else if self.take("%") {
            self.regexes += 1;
            if self.regexes > REGEXES_MAX {
                return Err(invalid());
            }
            Operand::Regex(self.take_regex()?)
        } else {
            let bare = self.take_while(|c| !c.is_whitespace() && !stops.contains(&c) && c != '&' && c != '|');
            match bare.parse::<f64>() {
                _ if bare.is_empty() => return Err(invalid()),
                Ok(number) if number.is_finite() => Operand::Number(number, bare.to_owned()),
                _ => Operand::Text(split(bare)),
            }
        };
        let orders = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if orders && !matches!(operand, Operand::Number(..)) {
            return Err(invalid());
        }
        Ok(Condition { comparison, operand })
    }

    /// Takes a regular expression up to its closing `%`; the opening one is already taken.
    pub fn take_regex(&mut self) -> Result<Regex, Error> {
        let (pattern, rest) = self.rest.split_once('%').ok_or_else(invalid)?;
        self.rest = rest;
        let is_supported = |c: char| c.is_ascii_alphanumeric() || " :_#=@/;,-^$?[]{}|\\*+.".contains(c);
        if pattern.is_empty() || !pattern.chars().all(is_supported) {
            return Err(invalid());
        }
        RegexBuilder::new(pattern).size_limit(REGEX_BYTES_MAX).build().map_err(|_| invalid())
    }
}

fn split(text: &str) -> Vec<String> {
    text.split('*').map(str::to_owned).collect()
}
