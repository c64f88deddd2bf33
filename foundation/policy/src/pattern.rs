//! Text patterns of policies: `*`, `?`, policy variables, and ARNs matched part by part.
//!
//! Always holds: a variable's value is literal, its `*` and `?` match only themselves; a variable without a value and
//! without a default makes the match undecided (`None`). Time is at most pattern length times text length.
//!
//! AWS: IAM policy elements: Variables and tags; IAM JSON policy elements: Resource (incomplete ARNs).

use crate::context::Context;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    One,
    Run,
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// How a pattern's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable (documents of version 2012-10-17).
    pub(crate) variables: bool,
}

/// Whether letters' case counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Exact,
    Ignored,
}

/// An ARN whose six parts are matched one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`
    Any,
    /// `arn:aws:…`, missing parts filled with `*`.
    Parts(Box<[Pattern; 6]>),
    /// Not an ARN by its looks: compared as one text.
    Text(Pattern),
}

impl Pattern {
    pub(crate) fn compile(text: &str, reading: Reading) -> Pattern {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if reading.variables
                && let Some((part, after)) = variable(rest)
            {
                match part {
                    Part::Literal(escaped) => literal.push_str(&escaped),
                    part => {
                        flush(&mut parts, &mut literal);
                        parts.push(part);
                    }
                }
                rest = after;
                continue;
            }
            match first {
                '*' if reading.wildcards => {
                    flush(&mut parts, &mut literal);
                    if parts.last() != Some(&Part::Run) {
                        parts.push(Part::Run);
                    }
                }
                '?' if reading.wildcards => {
                    flush(&mut parts, &mut literal);
                    parts.push(Part::One);
                }
                other => literal.push(other),
            }
            rest = &rest[first.len_utf8()..];
        }
        flush(&mut parts, &mut literal);
        Pattern { parts }
    }

    /// Whether the pattern is `text`'s; `None` when a variable has no value.
    pub(crate) fn matches(&self, text: &str, context: &Context, case: Case) -> Option<bool> {
        if self.parts.iter().any(|part| matches!(part, Part::Variable { .. }) && part.text(context).is_none())
        {
            return None;
        }
        Some(glob(&self.parts, text.as_bytes(), context, case))
    }

    fn any() -> Pattern {
        Pattern { parts: vec![Part::Run] }
    }
}

impl Part {
    // The bytes that a literal or a variable stands for; `None` for wildcards and variables without a value.
    fn text<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match self {
            Part::Literal(text) => Some(text),
            Part::Variable { key, default } => context.single(key).or(default.as_deref()),
            Part::One | Part::Run => None,
        }
    }
}

impl ArnPattern {
    pub(crate) fn compile(text: &str, reading: Reading) -> ArnPattern {
        if text == "*" {
            return ArnPattern::Any;
        }
        if !text.starts_with("arn:") {
            return ArnPattern::Text(Pattern::compile(text, reading));
        }
        let mut pieces = split_arn(text, reading).into_iter().map(|piece| Pattern::compile(piece, reading));
        // AWS fills up an incomplete ARN with wildcards.
        ArnPattern::Parts(Box::new(std::array::from_fn(|_| pieces.next().unwrap_or_else(Pattern::any))))
    }

    pub(crate) fn matches(&self, arn: &str, context: &Context) -> Option<bool> {
        let patterns = match self {
            ArnPattern::Any => return Some(true),
            ArnPattern::Text(pattern) => return pattern.matches(arn, context, Case::Exact),
            ArnPattern::Parts(patterns) => patterns,
        };
        let mut pieces = arn.splitn(6, ':');
        let mut all = true;
        for pattern in patterns.iter() {
            // A text with fewer parts is no ARN; still ask each pattern, so that an unknown variable is seen.
            let piece = pieces.next();
            let is_match = pattern.matches(piece.unwrap_or_default(), context, Case::Exact)?;
            all &= is_match && piece.is_some();
        }
        Some(all)
    }
}

fn flush(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal).into_boxed_str()));
    }
}

// `${key}`, `${key, 'default'}`, `${*}` `${?}` `${$}` at the start of `text`, and what follows.
fn variable(text: &str) -> Option<(Part, &str)> {
    let (inside, after) = text.strip_prefix("${")?.split_once('}')?;
    let part = match inside {
        "*" | "?" | "$" => Part::Literal(inside.into()),
        _ => {
            let (key, default) = match inside.split_once(',') {
                None => (inside, None),
                Some((key, quoted)) => {
                    let quoted = quoted.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                    (key, Some(quoted.into()))
                }
            };
            Part::Variable { key: key.trim().to_ascii_lowercase().into(), default }
        }
    };
    Some((part, after))
}

/// The parts of an ARN: split at the first five colons that stand outside of variables.
pub(crate) fn split_arn(text: &str, reading: Reading) -> Vec<&str> {
    let mut pieces = Vec::with_capacity(6);
    let (mut start, mut at) = (0, 0);
    while at < text.len() && pieces.len() < 5 {
        if reading.variables
            && let Some((_, after)) = variable(&text[at..])
        {
            at = text.len() - after.len();
            continue;
        }
        if text.as_bytes()[at] == b':' {
            pieces.push(&text[start..at]);
            start = at + 1;
        }
        at += char_len(text.as_bytes()[at]);
    }
    pieces.push(&text[start..]);
    pieces
}

// Greedy, going back only to the last `*`.
fn glob(parts: &[Part], text: &[u8], context: &Context, case: Case) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    loop {
        let step = match parts.get(part) {
            None if at == text.len() => return true,
            None => None,
            Some(Part::Run) => {
                last_run = Some((part + 1, at));
                Some(0)
            }
            Some(Part::One) => text.get(at).map(|byte| char_len(*byte)),
            Some(other) => {
                let literal = other.text(context).unwrap_or_default().as_bytes();
                let here = text.get(at..at + literal.len());
                let is_equal = here.is_some_and(|here| match case {
                    Case::Exact => here == literal,
                    Case::Ignored => here.eq_ignore_ascii_case(literal),
                });
                is_equal.then_some(literal.len())
            }
        };
        match (step, last_run) {
            (Some(bytes), _) => {
                part += 1;
                at += bytes;
            }
            (None, Some((after, from))) if from < text.len() => {
                let from = from + char_len(text[from]);
                last_run = Some((after, from));
                (part, at) = (after, from);
            }
            _ => return false,
        }
    }
}

// Of the UTF-8 character that begins with this byte.
fn char_len(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
