//! Scalars as text: headers, labels, query parameters, forms, XML.
//!
//! Moments are milliseconds; a text finer than that is cut. Formatting and parsing are each other's inverse for every value
//! that AWS's formats can hold.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use crate::error::Malformed;
use crate::model::{Kind, Schema, TimestampFormat};
use crate::value::Value;

/// Reads a scalar; `format` is the timestamp format of its place. Lists, maps and structures are not scalars.
pub(crate) fn parse(schema: &Schema, text: &str, format: TimestampFormat) -> Result<Value, Malformed> {
    let wrong = |what: &str| Malformed::text(format!("STRING_VALUE can not be converted to {what}"));
    match &schema.kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Integer { min, max } => {
            let number: i64 = text.trim().parse().map_err(|_| wrong(integer_name(*max)))?;
            match (min..=max).contains(&&number) {
                true => Ok(Value::Int(number)),
                false => Err(wrong(integer_name(*max))),
            }
        }
        Kind::Float => parse_float(text.trim()).map(Value::Float).ok_or_else(|| wrong("a Double")),
        Kind::Boolean => match text.trim() {
            "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
            _ => Err(wrong("an Boolean")),
        },
        Kind::Blob => parse_base64(text).map(Value::Blob),
        Kind::Timestamp => {
            let ms = parse_timestamp(text.trim(), format).ok_or_else(|| wrong("milliseconds since epoch"))?;
            Ok(Value::Timestamp(ms))
        }
        Kind::Document => Ok(Value::String(text.to_owned())),
        Kind::Structure(_) => Err(Malformed::text("Expected null")),
        Kind::List { .. } => Err(Malformed::text("Expected list or null")),
        Kind::Map { .. } => Err(Malformed::text("Expected map or null")),
    }
}

/// Writes a scalar; nothing for lists, maps and structures.
pub(crate) fn format(value: &Value, format: TimestampFormat) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format_float(*number),
        Value::Blob(bytes) => BASE64_STANDARD.encode(bytes),
        Value::Timestamp(ms) => format_timestamp(*ms, format),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// The article and name AWS uses for an integer type in texts.
pub(crate) fn integer_name(max: i64) -> &'static str {
    match max {
        127 => "a Byte",
        32767 => "a Short",
        2147483647 => "an Integer",
        _ => "a Long",
    }
}

pub(crate) fn parse_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // Rust also reads "inf" and "nan", which AWS does not.
        _ if text.bytes().all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c)) => text.parse().ok(),
        _ => None,
    }
}

pub(crate) fn format_float(number: f64) -> String {
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ => number.to_string(),
    }
}

pub(crate) fn parse_base64(text: &str) -> Result<Bytes, Malformed> {
    BASE64_STANDARD.decode(text.trim_end()).map(Bytes::from).map_err(|_| base64_fault(text.trim_end()))
}

/// AWS's texts for what is not base64.
fn base64_fault(text: &str) -> Malformed {
    let why = if !text.len().is_multiple_of(4) {
        format!("Base64 encoded length is expected a multiple of 4 bytes but found: {}", text.len())
    } else {
        let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
        match unpadded.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '+' && *c != '/') {
            Some(odd) => format!("Invalid Base64 character: '{odd}'"),
            // AWS's own spelling.
            None => "Invalid last non-pad Base64 character dectected".to_owned(),
        }
    };
    Malformed::text(format!("'{text}' can not be converted to a Blob: {why}"))
}

/// Reads a moment. The format of the place is expected, every other one understood, as AWS does.
pub(crate) fn parse_timestamp(text: &str, format: TimestampFormat) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>()
        && text.bytes().all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c))
    {
        return seconds_to_ms(seconds);
    }
    match format {
        TimestampFormat::HttpDate => parse_http_date(text).or_else(|| parse_date_time(text)),
        _ => parse_date_time(text).or_else(|| parse_http_date(text)),
    }
}

fn parse_date_time(text: &str) -> Option<i64> {
    Some(text.parse::<jiff::Timestamp>().ok()?.as_millisecond())
}

fn parse_http_date(text: &str) -> Option<i64> {
    // `Sun, 02 Jan 2000 20:34:56.000 GMT`: RFC 2822 has no fraction.
    let (whole, fraction) = match text.rsplit_once('.') {
        Some((before, after)) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            (format!("{before}{}", &after[digits..]), after[..digits].to_owned())
        }
        None => (text.to_owned(), String::new()),
    };
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(whole).ok()?;
    let thousandths = format!("{:0<3.3}", fraction).parse::<i64>().unwrap_or(0);
    Some(parsed.as_millisecond() + thousandths)
}

/// Seconds since 1970 to milliseconds, if jiff's range holds them.
pub(crate) fn seconds_to_ms(seconds: f64) -> Option<i64> {
    let ms = (seconds * 1000.0).round();
    if !ms.is_finite() || ms.abs() > 9e15 {
        return None;
    }
    jiff::Timestamp::from_millisecond(ms as i64).ok().map(|moment| moment.as_millisecond())
}

pub(crate) fn format_timestamp(ms: i64, format: TimestampFormat) -> String {
    let Ok(moment) = jiff::Timestamp::from_millisecond(ms) else {
        return format_unix_seconds(ms);
    };
    match format {
        TimestampFormat::UnixSeconds => format_unix_seconds(ms),
        TimestampFormat::DateTime if ms % 1000 == 0 => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        TimestampFormat::DateTime => moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        TimestampFormat::HttpDate => moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

/// `1398796238` or `1398796238.5`.
pub(crate) fn format_unix_seconds(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    match ms % 1000 {
        0 => format!("{sign}{}", ms / 1000),
        rest => format!("{sign}{}.{}", ms / 1000, format!("{rest:03}").trim_end_matches('0')),
    }
}
