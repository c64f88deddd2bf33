//! Java's regular expressions on strings: `matches`, `replaceAll`, `replaceFirst`, `split`.
//!
//! Each thread keeps the expressions that it compiled last; a template's own are compiled once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::{Captures, Regex, RegexBuilder};

use crate::budget::Budget;

/// Compiled expressions that a thread keeps.
const CACHE_MAX: usize = 128;
/// Backtracking steps of one match.
const BACKTRACK_MAX: usize = 20_000;
/// Steps of the budget that one match costs where it may backtrack.
const BACKTRACK_STEPS: usize = 100;
/// Bytes of one compiled expression.
const SIZE_MAX: usize = 1 << 20;
/// Bytes of an expression's source.
const SOURCE_MAX: usize = 4096;

thread_local! {
    static CACHE: RefCell<HashMap<String, Rc<Regex>>> = RefCell::new(HashMap::new());
}

fn compiled(source: &str) -> Result<Rc<Regex>, String> {
    if let Some(regex) = CACHE.with_borrow(|cache| cache.get(source).cloned()) {
        return Ok(regex);
    }
    if source.len() > SOURCE_MAX {
        return Err(format!("a regular expression is longer than {SOURCE_MAX} bytes"));
    }
    let regex = RegexBuilder::new(source)
        .backtrack_limit(BACKTRACK_MAX)
        .delegate_size_limit(SIZE_MAX)
        .build()
        .map_err(|_| format!("java.util.regex.PatternSyntaxException: {source}"))?;
    let regex = Rc::new(regex);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHE_MAX {
            cache.clear();
        }
        cache.insert(source.to_owned(), regex.clone());
    });
    Ok(regex)
}

/// What one match costs: expressions with look-around or back-references backtrack, all others run in linear time.
fn cost(source: &str) -> usize {
    let backtracks = ["(?=", "(?!", "(?<", "(?>", "\\k", "(?("].iter().any(|piece| source.contains(piece))
        || source.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_digit())
        || source.contains("++")
        || source.contains("*+");
    if backtracks { BACKTRACK_STEPS } else { 1 }
}

fn is_plain(source: &str) -> bool {
    !source.contains(['\\', '.', '[', ']', '{', '}', '(', ')', '*', '+', '?', '^', '$', '|'])
}

/// `String.matches`: the whole text.
pub(crate) fn matches(text: &str, source: &str) -> Result<bool, String> {
    compiled(&format!(r"\A(?:{source})\z"))?.is_match(text).map_err(too_long)
}

/// `String.replaceAll` and `replaceFirst`.
pub(crate) fn replace(
    text: &str,
    source: &str,
    replacement: &str,
    count: usize,
    budget: &Budget,
) -> Result<String, String> {
    let regex = compiled(source)?;
    let cost = cost(source);
    let mut out = String::new();
    let mut last = 0;
    for captures in regex.captures_iter(text).take(count) {
        let captures = captures.map_err(too_long)?;
        budget.step(cost)?;
        let Some(whole) = captures.get(0) else { continue };
        let before = out.len();
        out.push_str(&text[last..whole.start()]);
        expand(&mut out, replacement, &captures)?;
        budget.charge(out.len() - before)?;
        last = whole.end();
    }
    out.push_str(&text[last..]);
    budget.charge(text.len() - last)?;
    Ok(out)
}

/// Java's replacement text: `$1`, `${name}`, and backslashes that keep the next character.
fn expand(out: &mut String, replacement: &str, captures: &Captures<'_, str>) -> Result<(), String> {
    let mut rest = replacement;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let next = rest
                    .chars()
                    .next()
                    .ok_or("java.lang.IllegalArgumentException: character to be escaped is missing")?;
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
            '$' if rest.starts_with('{') => {
                let (name, after) = rest[1..].split_once('}').ok_or(
                    "java.lang.IllegalArgumentException: named capturing group is missing trailing '}'",
                )?;
                out.push_str(captures.name(name).map_or("", |m| m.as_str()));
                rest = after;
            }
            '$' => {
                let mut digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    return Err("java.lang.IllegalArgumentException: Illegal group reference".to_owned());
                }
                // As many digits as still name a group.
                while digits > 1
                    && rest[..digits].parse::<usize>().map_or(true, |group| group >= captures.len())
                {
                    digits -= 1;
                }
                let group: usize = rest[..digits].parse().unwrap_or(usize::MAX);
                if group >= captures.len() {
                    return Err(format!("java.lang.IndexOutOfBoundsException: No group {group}"));
                }
                out.push_str(captures.get(group).map_or("", |m| m.as_str()));
                rest = &rest[digits..];
            }
            c => out.push(c),
        }
    }
    Ok(())
}

/// `String.split`: no empty strings at the end unless a limit asks for them, none at the beginning for an empty match.
pub(crate) fn split(text: &str, source: &str, limit: i128, budget: &Budget) -> Result<Vec<String>, String> {
    let cost = cost(source);
    let mut parts: Vec<String> = Vec::new();
    let full = |parts: &Vec<String>| limit > 0 && parts.len() as i128 >= limit - 1;
    let mut last = 0;
    if !source.is_empty() && is_plain(source) {
        for (start, matched) in text.match_indices(source) {
            if full(&parts) {
                break;
            }
            parts.push(text[last..start].to_owned());
            last = start + matched.len();
        }
    } else {
        for found in compiled(source)?.find_iter(text) {
            let found = found.map_err(too_long)?;
            budget.step(cost)?;
            if full(&parts) {
                break;
            }
            if found.end() == 0 || (found.start() == found.end() && found.start() == text.len()) {
                continue;
            }
            parts.push(text[last..found.start()].to_owned());
            last = found.end();
        }
    }
    if last == 0 && parts.is_empty() {
        return Ok(vec![text.to_owned()]);
    }
    parts.push(text[last..].to_owned());
    if limit == 0 {
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
    }
    Ok(parts)
}

fn too_long(_: fancy_regex::Error) -> String {
    "a regular expression takes too many steps".to_owned()
}
