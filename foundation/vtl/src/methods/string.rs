//! Methods of strings. Positions count UTF-16 units, as Java's do.

use super::{Called, Outcome, value};
use crate::budget::Budget;
use crate::regex;
use crate::text::to_text;
use crate::value::Value;

/// Digits after the point that `format` prints.
const FRACTION_MAX: usize = 400;

pub(super) fn call(text: &str, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    budget.step(1 + text.len() / 64)?;
    match arguments {
        [] => without(text, name, budget),
        [Value::Text(other)] => with_text(text, name, other, budget),
        [Value::Integer(number)] => with_number(text, name, *number, budget),
        _ => with_more(text, name, arguments, budget),
    }
}

fn made(text: String, budget: &Budget) -> Called {
    budget.charge(text.len())?;
    value(text)
}

fn without(text: &str, name: &str, budget: &Budget) -> Called {
    match name {
        "length" => value(length(text)),
        "isEmpty" => value(text.is_empty()),
        "isBlank" => value(text.chars().all(char::is_whitespace)),
        // Java's trim takes away everything up to the space, control characters too.
        "trim" => made(text.trim_matches(|c| c <= ' ').to_owned(), budget),
        "strip" => made(text.trim().to_owned(), budget),
        "stripLeading" => made(text.trim_start().to_owned(), budget),
        "stripTrailing" => made(text.trim_end().to_owned(), budget),
        "toUpperCase" => made(text.to_uppercase(), budget),
        "toLowerCase" => made(text.to_lowercase(), budget),
        "intern" => made(text.to_owned(), budget),
        "toCharArray" => {
            budget.charge(64 * text.len())?;
            Ok(Outcome::Value(Value::array(text.chars().map(|c| Value::from(c.to_string())).collect())))
        }
        "getBytes" => {
            budget.charge(48 * text.len())?;
            Ok(Outcome::Value(Value::array(
                text.bytes().map(|b| Value::Integer(i128::from(b as i8))).collect(),
            )))
        }
        _ => Ok(Outcome::Unknown),
    }
}

fn with_text(text: &str, name: &str, other: &str, budget: &Budget) -> Called {
    budget.step(text.len() / 64 + other.len() / 64)?;
    match name {
        "contains" => value(text.contains(other)),
        "startsWith" => value(text.starts_with(other)),
        "endsWith" => value(text.ends_with(other)),
        "equalsIgnoreCase" => value(text.to_lowercase() == other.to_lowercase()),
        "contentEquals" => value(text == other),
        "concat" => made(format!("{text}{other}"), budget),
        "indexOf" => value(text.find(other).map_or(-1, |at| length(&text[..at]) as i128)),
        "lastIndexOf" => value(text.rfind(other).map_or(-1, |at| length(&text[..at]) as i128)),
        "compareToIgnoreCase" => value(compare(&text.to_lowercase(), &other.to_lowercase())),
        "matches" => value(regex::matches(text, other)?),
        "split" => split(text, other, 0, budget),
        "valueOf" | "copyValueOf" => made(other.to_owned(), budget),
        _ => Ok(Outcome::Unknown),
    }
}

fn with_number(text: &str, name: &str, number: i128, budget: &Budget) -> Called {
    match name {
        "charAt" => made(slice(text, number, number.saturating_add(1))?, budget),
        "codePointAt" => {
            let unit = slice(text, number, number.saturating_add(2).min(length(text) as i128))?;
            value(unit.chars().next().map_or(-1, |c| i128::from(u32::from(c))))
        }
        "substring" => made(slice(text, number, length(text) as i128)?, budget),
        "repeat" => {
            let count = usize::try_from(number)
                .map_err(|_| format!("java.lang.IllegalArgumentException: count is negative: {number}"))?;
            budget.charge(text.len().saturating_mul(count))?;
            value(text.repeat(count))
        }
        "indexOf" => {
            value(character(number).and_then(|c| text.find(c)).map_or(-1, |at| length(&text[..at]) as i128))
        }
        "lastIndexOf" => {
            value(character(number).and_then(|c| text.rfind(c)).map_or(-1, |at| length(&text[..at]) as i128))
        }
        "valueOf" => made(number.to_string(), budget),
        _ => Ok(Outcome::Unknown),
    }
}

fn with_more(text: &str, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    match (name, arguments) {
        ("substring" | "subSequence", [Value::Integer(from), Value::Integer(to)]) => {
            made(slice(text, *from, *to)?, budget)
        }
        ("replace", [Value::Text(from), Value::Text(to)]) => {
            let count = if from.is_empty() { length(text) + 1 } else { text.matches(&**from).count() };
            budget.charge(count.saturating_mul(to.len()).saturating_add(text.len()))?;
            value(text.replace(&**from, to))
        }
        ("replaceAll", [Value::Text(pattern), Value::Text(to)]) => {
            value(regex::replace(text, pattern, to, usize::MAX, budget)?)
        }
        ("replaceFirst", [Value::Text(pattern), Value::Text(to)]) => {
            value(regex::replace(text, pattern, to, 1, budget)?)
        }
        ("split", [Value::Text(pattern), Value::Integer(limit)]) => split(text, pattern, *limit, budget),
        ("indexOf", [Value::Text(other), Value::Integer(from)]) => {
            let start = byte_offset(text, (*from).clamp(0, length(text) as i128));
            value(text[start..].find(&**other).map_or(-1, |at| length(&text[..start + at]) as i128))
        }
        ("lastIndexOf", [Value::Text(other), Value::Integer(from)]) => {
            if *from < 0 {
                return value(-1i128);
            }
            let end = byte_offset(text, (*from).min(length(text) as i128)).saturating_add(other.len());
            let end = (end.min(text.len())..=text.len())
                .find(|end| text.is_char_boundary(*end))
                .unwrap_or(text.len());
            value(text[..end].rfind(&**other).map_or(-1, |at| length(&text[..at]) as i128))
        }
        ("startsWith", [Value::Text(other), Value::Integer(from)]) => value(
            *from >= 0
                && *from <= length(text) as i128
                && text[byte_offset(text, *from)..].starts_with(&**other),
        ),
        (
            "regionMatches",
            [Value::Integer(at), Value::Text(other), Value::Integer(from), Value::Integer(count)],
        ) => {
            let ours = slice(text, *at, at.saturating_add(*count));
            let theirs = slice(other, *from, from.saturating_add(*count));
            value(matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours == theirs))
        }
        ("join", [Value::Text(separator), Value::List(items)]) => super::list::join(items, separator, budget),
        ("join", [Value::Text(separator), rest @ ..]) => {
            let mut parts = Vec::new();
            for part in rest {
                parts.push(to_text(part, budget)?.unwrap_or_else(|| "null".to_owned()));
            }
            made(parts.join(separator), budget)
        }
        ("format", [Value::Text(pattern), rest @ ..]) => format(pattern, rest, budget),
        ("valueOf", [other @ (Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_))]) => {
            value(to_text(other, budget)?.unwrap_or_default())
        }
        ("contains", [Value::Null]) => Err("java.lang.NullPointerException".to_owned()),
        ("equalsIgnoreCase", [Value::Null]) => value(false),
        _ => Ok(Outcome::Unknown),
    }
}

fn split(text: &str, pattern: &str, limit: i128, budget: &Budget) -> Called {
    let parts = regex::split(text, pattern, limit, budget)?;
    budget.charge(text.len() + 64 * parts.len())?;
    Ok(Outcome::Value(Value::array(parts.into_iter().map(Value::from).collect())))
}

/// In UTF-16 units.
fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// Where a position in UTF-16 units lies; the second half of a pair counts as its end.
fn byte_offset(text: &str, units: i128) -> usize {
    if text.is_ascii() {
        return usize::try_from(units).unwrap_or(0).min(text.len());
    }
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16() as i128;
    }
    text.len()
}

fn slice(text: &str, from: i128, to: i128) -> Result<String, String> {
    let length = length(text) as i128;
    if from < 0 || to > length || from > to {
        return Err(format!(
            "java.lang.StringIndexOutOfBoundsException: begin {from}, end {to}, length {length}"
        ));
    }
    if text.is_ascii() {
        return Ok(text[byte_offset(text, from)..byte_offset(text, to)].to_owned());
    }
    let units: Vec<u16> = text.encode_utf16().skip(from as usize).take((to - from) as usize).collect();
    Ok(String::from_utf16_lossy(&units))
}

fn character(code: i128) -> Option<char> {
    u32::try_from(code).ok().and_then(char::from_u32)
}

pub(super) fn compare(left: &str, right: &str) -> i128 {
    let (mut l, mut r) = (left.encode_utf16(), right.encode_utf16());
    loop {
        match (l.next(), r.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => return i128::from(a) - i128::from(b),
            _ => return length(left) as i128 - length(right) as i128,
        }
    }
}

/// `String.format` with `%s %d %f %x %c %b %n %%`, flags `-` and `0`, width and precision.
fn format(pattern: &str, arguments: &[Value], budget: &Budget) -> Called {
    let mut out = String::new();
    let mut next = arguments.iter();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let flags_end = rest.find(|c| c != '-' && c != '0').unwrap_or(rest.len());
        let (flags, after) = rest.split_at(flags_end);
        let width_end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (width, after) = after.split_at(width_end);
        let (precision, after) = match after.strip_prefix('.') {
            Some(after) => {
                let (digits, after) =
                    after.split_at(after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len()));
                (digits.parse::<usize>().ok(), after)
            }
            None => (None, after),
        };
        let conversion =
            after.chars().next().ok_or("java.util.UnknownFormatConversionException: Conversion = '%'")?;
        rest = &after[conversion.len_utf8()..];
        let width: usize =
            if width.is_empty() { 0 } else { width.parse().map_err(|_| "a format's width is too large")? };
        budget.charge(width.max(precision.unwrap_or(0)))?;
        let mut argument = || {
            next.next().ok_or_else(|| {
                format!("java.util.MissingFormatArgumentException: Format specifier '%{conversion}'")
            })
        };
        let text = match conversion {
            '%' => "%".to_owned(),
            'n' => "\n".to_owned(),
            's' | 'S' | 'c' => {
                let full = to_text(argument()?, budget)?.unwrap_or_else(|| "null".to_owned());
                let cut: String = full.chars().take(precision.unwrap_or(usize::MAX)).collect();
                if conversion == 'S' { cut.to_uppercase() } else { cut }
            }
            'b' => to_text(argument()?, budget)?
                .map_or("false".to_owned(), |t| if t == "false" { t } else { "true".to_owned() }),
            'd' | 'x' | 'X' => match (argument()?, conversion) {
                (Value::Integer(i), 'd') => i.to_string(),
                (Value::Integer(i), 'x') => format!("{i:x}"),
                (Value::Integer(i), _) => format!("{i:X}"),
                (other, _) => {
                    return Err(format!(
                        "java.util.IllegalFormatConversionException: {conversion} != {other:?}"
                    ));
                }
            },
            'f' => match argument()? {
                Value::Float(f) => format!("{f:.*}", precision.unwrap_or(6).min(FRACTION_MAX)),
                other => return Err(format!("java.util.IllegalFormatConversionException: f != {other:?}")),
            },
            other => {
                return Err(format!("java.util.UnknownFormatConversionException: Conversion = '{other}'"));
            }
        };
        let fill = width.saturating_sub(length(&text));
        match (flags.contains('-'), flags.contains('0')) {
            (true, _) => out.extend([text, " ".repeat(fill)]),
            (false, true) => out.extend(["0".repeat(fill), text]),
            (false, false) => out.extend([" ".repeat(fill), text]),
        }
    }
    out.push_str(rest);
    made(out, budget)
}
