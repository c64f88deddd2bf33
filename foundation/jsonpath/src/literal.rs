//! Literals of filters: strings, numbers, booleans, null, lists, regular expressions.
//!
//! Strings are written in either quote; a backslash keeps the next character as it is, so that `'it\'s'` and `"a\\b"` mean what they seem to.

use fancy_regex::{Regex, RegexBuilder};

use crate::parse::Cursor;
use crate::{Error, PATH_STEPS_MAX};

/// Backtracking steps that one match may take before it counts as no match.
const REGEX_BACKTRACK_MAX: usize = 10_000;
/// Bytes that a compiled regular expression may take.
const REGEX_SIZE_MAX: usize = 1 << 20;

#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    List(Vec<Literal>),
    Regex(Box<Regex>),
}

/// A quoted string, its opening quote next.
pub(crate) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, Error> {
    let quote = cursor.next().ok_or_else(|| Error::new("a string is missing"))?;
    let mut text = String::new();
    loop {
        match cursor.next() {
            None => return Err(Error::new("a quote is not closed")),
            Some(c) if c == quote => return Ok(text),
            Some('\\') => match cursor.next() {
                None => return Err(Error::new("a quote is not closed")),
                Some(c) => text.push(c),
            },
            Some(c) => text.push(c),
        }
    }
}

/// A literal, spaces skipped before it.
pub(crate) fn literal(cursor: &mut Cursor<'_>, depth: usize) -> Result<Literal, Error> {
    if depth > PATH_STEPS_MAX {
        return Err(Error::new("a filter is nested too deeply"));
    }
    cursor.skip_spaces();
    match cursor.peek() {
        Some('\'' | '"') => Ok(Literal::String(quoted(cursor)?)),
        Some('/') => regex(cursor),
        Some('[') => list(cursor, depth),
        Some(c) if c == '-' || c == '.' || c.is_ascii_digit() => number(cursor),
        _ => word(cursor),
    }
}

fn list(cursor: &mut Cursor<'_>, depth: usize) -> Result<Literal, Error> {
    cursor.next();
    let mut items = Vec::new();
    cursor.skip_spaces();
    if cursor.eat("]") {
        return Ok(Literal::List(items));
    }
    loop {
        items.push(literal(cursor, depth + 1)?);
        cursor.skip_spaces();
        if cursor.eat("]") {
            return Ok(Literal::List(items));
        }
        if !cursor.eat(",") {
            return Err(Error::new("a list in a filter is not closed"));
        }
    }
}

fn number(cursor: &mut Cursor<'_>) -> Result<Literal, Error> {
    let text = cursor.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    text.parse::<f64>().map(Literal::Number).map_err(|_| Error::new(format!("'{text}' is not a number")))
}

fn word(cursor: &mut Cursor<'_>) -> Result<Literal, Error> {
    let text = cursor.take_while(|c| c.is_alphanumeric() || c == '_');
    match text {
        "true" => Ok(Literal::Bool(true)),
        "false" => Ok(Literal::Bool(false)),
        "null" => Ok(Literal::Null),
        "" => Err(Error::new("a value is missing in a filter")),
        other => Err(Error::new(format!("'{other}' is not a value"))),
    }
}

fn regex(cursor: &mut Cursor<'_>) -> Result<Literal, Error> {
    cursor.next();
    let mut pattern = String::new();
    loop {
        match cursor.next() {
            None => return Err(Error::new("a regular expression is not closed")),
            Some('/') => break,
            Some('\\') => match cursor.next() {
                Some('/') => pattern.push('/'),
                Some(c) => pattern.extend(['\\', c]),
                None => return Err(Error::new("a regular expression is not closed")),
            },
            Some(c) => pattern.push(c),
        }
    }
    let flags = cursor.take_while(|c| c.is_ascii_alphabetic());
    if let Some(unknown) = flags.chars().find(|c| !"imsxuUd".contains(*c)) {
        return Err(Error::new(format!("'{unknown}' is not a flag of regular expressions")));
    }
    // Jayway asks for a match of the whole text.
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .verbose_mode(flags.contains('x'))
        .backtrack_limit(REGEX_BACKTRACK_MAX)
        .delegate_size_limit(REGEX_SIZE_MAX)
        .build()
        .map(|r| Literal::Regex(Box::new(r)))
        .map_err(|_| Error::new("a regular expression cannot be read"))
}
