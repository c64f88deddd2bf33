//! The models' patterns, which are Java's regular expressions, for the regex crate.
//!
//! AWS matches the whole string. The few with look-around go to fancy-regex, whose backtracking is bounded: a text that would need
//! more is refused. What neither can express is not checked: such a pattern accepts everything, and a test lists them all.

use std::sync::OnceLock;

/// A regular expression of the model, compiled at first use.
#[derive(Debug)]
pub struct Pattern {
    /// As the model spells it, for error texts.
    pub text: Box<str>,
    compiled: OnceLock<Option<Compiled>>,
}

/// A pattern in one of two engines.
#[derive(Debug)]
enum Compiled {
    /// In time linear in the text.
    Linear(regex::Regex),
    /// With look-around.
    Backtracking(fancy_regex::Regex),
}

/// Steps a backtracking match may take.
const BACKTRACKING_MAX: usize = 100_000;

/// A repeated Unicode class grows with its count; this holds every pattern of the models.
const COMPILED_BYTES_MAX: usize = 64 << 20;

impl Pattern {
    pub(super) fn new(text: Box<str>) -> Pattern {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// True if the whole text fits, or if the pattern is one that cannot be checked.
    pub fn matches(&self, text: &str) -> bool {
        match self.compiled() {
            Some(Compiled::Linear(regex)) => regex.is_match(text),
            Some(Compiled::Backtracking(regex)) => regex.is_match(text).unwrap_or(false),
            None => true,
        }
    }

    /// True if the pattern can be checked.
    #[cfg(test)]
    pub(crate) fn is_checked(&self) -> bool {
        self.compiled().is_some()
    }

    fn compiled(&self) -> Option<&Compiled> {
        let compile = || {
            let whole = format!("^(?:{})$", translate(&self.text));
            let linear = regex::RegexBuilder::new(&whole).size_limit(COMPILED_BYTES_MAX).build();
            if let Ok(regex) = linear {
                return Some(Compiled::Linear(regex));
            }
            let mut builder = fancy_regex::RegexBuilder::new(&whole);
            let regex =
                builder.backtrack_limit(BACKTRACKING_MAX).delegate_size_limit(COMPILED_BYTES_MAX).build();
            regex.ok().map(Compiled::Backtracking)
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// Counts above this become "any number": the automaton would grow with them, and the shapes that have such patterns also have a
/// greatest length.
const COUNT_MAX: u32 = 5000;

/// Java's spelling to the regex crate's. Java's `\\w`, `\\d` and `\\s` are ASCII.
fn translate(java: &str) -> String {
    const CLASSES: &[(&str, &str)] = &[
        ("\\w", "0-9A-Za-z_"),
        ("\\d", "0-9"),
        ("\\s", "\\t\\n\\x0B\\f\\r "),
        // A pair of surrogates is one character here.
        ("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF"),
        ("\\p{Alnum}", "[:alnum:]"),
        ("\\p{Alpha}", "[:alpha:]"),
        ("\\p{ASCII}", "[:ascii:]"),
        ("\\p{Blank}", "[:blank:]"),
        ("\\p{Digit}", "[:digit:]"),
        ("\\p{Graph}", "[:graph:]"),
        ("\\p{Lower}", "[:lower:]"),
        ("\\p{Print}", "[:print:]"),
        ("\\p{Punct}", "[:punct:]"),
        ("\\p{Space}", "[:space:]"),
        ("\\p{Upper}", "[:upper:]"),
        ("\\p{IsLetter}", "\\p{L}"),
        ("\\p{IsAlphabetic}", "\\p{Alphabetic}"),
        ("\\p{IsDigit}", "\\p{Nd}"),
    ];
    let mut out = String::new();
    let mut rest = java;
    let mut is_in_class = false;
    while let Some(c) = rest.chars().next() {
        if let Some((name, class)) = CLASSES.iter().find(|(name, _)| rest.starts_with(name)) {
            match is_in_class || class.starts_with("\\p") {
                true => out.push_str(class),
                false => out.push_str(&format!("[{class}]")),
            }
            rest = &rest[name.len()..];
            continue;
        }
        let mut taken = c.len_utf8();
        match c {
            '\\' => {
                let escaped = rest[1..].chars().next();
                taken += escaped.map_or(0, char::len_utf8);
                match escaped {
                    // Letters and signs that need no escape in the regex crate, and have no other meaning in Java.
                    Some(
                        plain @ ('_' | '"' | '\'' | ',' | ';' | '<' | '>' | '=' | '@' | '!' | '`' | '%' | ':'
                        | '/' | ' '),
                    ) => {
                        out.push(plain);
                    }
                    Some('Z') => out.push_str("\\z"),
                    Some('W') => out.push_str("[^0-9A-Za-z_]"),
                    Some('D') => out.push_str("[^0-9]"),
                    Some('S') => out.push_str("[^\\t\\n\\x0B\\f\\r ]"),
                    _ => out.push_str(&rest[..taken]),
                }
            }
            '[' if is_in_class => {
                // A bracket inside a class: Java's union, or a plain bracket that somebody forgot to escape.
                match rest[1..].contains(']') && rest[1..].starts_with(['a', 'A', '0', '^', '\\']) {
                    true => out.push('['),
                    false => out.push_str("\\["),
                }
            }
            '[' => {
                is_in_class = true;
                out.push('[');
            }
            ']' if is_in_class => {
                is_in_class = false;
                out.push(']');
            }
            '&' | '~' if is_in_class => {
                out.push('\\');
                out.push(c);
            }
            '{' if !is_in_class => match bounded(rest) {
                Some((least, length)) => {
                    out.push_str(&format!("{{{least},}}"));
                    taken = length;
                }
                None => out.push('{'),
            },
            // `[a-zA-Z0-9-_]`: a minus after a range is itself.
            '-' if is_in_class && is_after_range(&out) => out.push_str("\\-"),
            // Possessive and eager match the same when the whole string must match.
            '+' if !is_in_class && out.ends_with(['+', '*', '?', '}']) && !out.ends_with("\\+") => {}
            _ => out.push(c),
        }
        rest = &rest[taken..];
    }
    out
}

/// True if what was written last is a complete range such as `0-9`, or a class such as `\w`.
fn is_after_range(out: &str) -> bool {
    let last: Vec<char> = out.chars().rev().take(4).collect();
    match last.as_slice() {
        [class, '\\', ..] if class.is_ascii_alphabetic() => true,
        // `\w` became ranges.
        ['_', 'z', '-', 'a'] => true,
        [_, '-', before, ..] => *before != '[' && *before != '\\',
        _ => false,
    }
}

/// The least count and the length of a `{least,most}` whose most is too big.
fn bounded(rest: &str) -> Option<(u32, usize)> {
    let end = rest.find('}')?;
    let (least, most) = rest[1..end].split_once(',')?;
    let (least, most): (u32, u32) = (least.parse().ok()?, most.parse().ok()?);
    (most > COUNT_MAX && least <= COUNT_MAX).then_some((least, end + 1))
}

#[cfg(test)]
mod tests;
