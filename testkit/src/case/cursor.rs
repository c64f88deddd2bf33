//! A place in a file's text, and how to read on from there.

use super::ParseError;

/// Reads a part of a text; positions are those of the whole text.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor over `start..end` of `text`.
    pub(super) fn new(text: &'a str, start: usize, end: usize) -> Cursor<'a> {
        Cursor { text, at: start, end }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Goes over white space, line breaks included.
    pub(super) fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Goes over `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    /// Everything up to a character that satisfies `stop`.
    pub(super) fn until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(stop).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// The next word: up to white space; the space after it is passed.
    pub(super) fn word(&mut self) -> &'a str {
        let word = self.until(char::is_whitespace);
        self.skip_space();
        word
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.end
    }

    /// Bytes from the beginning of the text.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// An error here.
    pub(super) fn error(&self, problem: impl Into<String>) -> ParseError {
        self.error_at(self.at, problem)
    }

    /// An error at a position.
    pub(super) fn error_at(&self, position: usize, problem: impl Into<String>) -> ParseError {
        let before = &self.text[..position];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem: problem.into(),
        }
    }
}
