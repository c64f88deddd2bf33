//! Patterns of words and phrases: `ERROR "not found" -debug ?a ?b %regex%`.
//!
//! All plain terms must be in the message, none of the excluded ones. Optional terms mean "any of these" when there are no others, and nothing beside others,
//! as AWS documents. A word that is not alphanumeric must be quoted.

use regex::Regex;

use super::condition::Scanner;
use super::invalid;
use crate::error::Error;

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        }
    }
}

/// A pattern of terms.
#[derive(Debug, Default)]
pub struct Terms {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
    optional: Vec<Term>,
}

impl Terms {
    /// True if the message holds what is wanted.
    pub fn matches(&self, message: &str) -> bool {
        if self.wanted.is_empty() && self.unwanted.is_empty() {
            return self.optional.iter().any(|term| term.is_in(message));
        }
        self.wanted.iter().all(|term| term.is_in(message))
            && !self.unwanted.iter().any(|term| term.is_in(message))
    }
}

/// Parses a pattern that is neither JSON nor space-delimited.
pub fn parse(text: &str) -> Result<Terms, Error> {
    let mut scanner = Scanner::new(text);
    let mut terms = Terms::default();
    while !scanner.is_done() {
        let kind = match (scanner.take("-"), scanner.take("?")) {
            (true, false) => &mut terms.unwanted,
            (false, true) => &mut terms.optional,
            (false, false) => &mut terms.wanted,
            (true, true) => return Err(invalid()),
        };
        kind.push(term(&mut scanner)?);
    }
    Ok(terms)
}

fn term(scanner: &mut Scanner) -> Result<Term, Error> {
    if scanner.take("\"") {
        return scanner.take_quoted('"').map(Term::Text);
    }
    if scanner.take("%") {
        return scanner.take_regex().map(Term::Regex);
    }
    let word = scanner.take_while(|c| !c.is_whitespace());
    if word.is_empty() || !word.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(Error::invalid(format!("Invalid character(s) in term '{word}'")));
    }
    Ok(Term::Text(word.to_owned()))
}
