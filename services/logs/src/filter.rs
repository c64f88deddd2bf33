//! CloudWatch's filter patterns: terms, JSON and space-delimited.
//!
//! AWS: Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail. Matching is case-sensitive.
//! Known differences: AWS does not say what `!=` means for a JSON property that is not there; here it does not match.

mod condition;
mod fields;
mod json;
mod terms;

use crate::error::Error;

/// A parsed pattern.
#[derive(Debug)]
pub enum Pattern {
    /// Every event.
    All,
    /// Words and phrases.
    Terms(terms::Terms),
    /// `{ $.property = value }`.
    Json(json::Expression),
    /// `[first, second = value, ...]`.
    Fields(fields::Fields),
}

impl Pattern {
    /// Parses a pattern; `InvalidParameterException` if it is none.
    pub fn parse(text: &str) -> Result<Pattern, Error> {
        let text = text.trim();
        let inside = |open: char, close: char| text.strip_prefix(open).map(|rest| rest.strip_suffix(close));
        if text.is_empty() {
            return Ok(Pattern::All);
        }
        if let Some(inner) = inside('{', '}') {
            return json::parse(inner.ok_or_else(invalid)?).map(Pattern::Json);
        }
        if let Some(inner) = inside('[', ']') {
            return fields::parse(inner.ok_or_else(invalid)?).map(Pattern::Fields);
        }
        terms::parse(text).map(Pattern::Terms)
    }

    /// True if an event with this message is wanted.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Pattern::All => true,
            Pattern::Terms(terms) => terms.matches(message),
            Pattern::Json(expression) => {
                serde_json::from_str(message).is_ok_and(|document| expression.matches(&document))
            }
            Pattern::Fields(fields) => fields.matches(message),
        }
    }
}

/// A pattern that cannot be read.
pub(crate) fn invalid() -> Error {
    Error::invalid("Invalid filter pattern")
}

#[cfg(test)]
mod tests;
