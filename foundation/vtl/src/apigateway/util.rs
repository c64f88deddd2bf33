//! `$util`: functions on strings.
//!
//! A null argument gives null, as the Java functions behind do, so that the reference prints its source.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::text::to_text_unbounded;
use crate::value::{Object, Value};

/// What `java.net.URLEncoder` encodes; the blank becomes `+` afterwards.
const URL_ENCODED: AsciiSet =
    NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

pub(super) struct Util;

impl Object for Util {
    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        let [argument] = arguments else { return Ok(None) };
        let function: fn(&str) -> Result<Value, String> = match name {
            "escapeJavaScript" => |text| Ok(Value::from(escape_javascript(text))),
            "parseJson" => |text| Value::from_json(text).map_err(|e| format!("$util.parseJson: {e}")),
            "urlEncode" => {
                |text| Ok(Value::from(utf8_percent_encode(text, &URL_ENCODED).to_string().replace(' ', "+")))
            }
            "urlDecode" => url_decode,
            "base64Encode" => |text| Ok(Value::from(STANDARD.encode(text))),
            "base64Decode" => base64_decode,
            _ => return Ok(None),
        };
        match argument {
            Value::Null => Ok(Some(Value::Null)),
            Value::Text(text) => function(text).map(Some),
            other => function(&to_text_unbounded(other)).map(Some),
        }
    }
}

/// `StringEscapeUtils.escapeJavaScript` of Commons Lang 2.
fn escape_javascript(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(c @ (b'\'' | b'"' | b'\\' | b'/')) => out.extend(['\\', char::from(c)]),
            Ok(b'\n') => out.push_str("\\n"),
            Ok(b'\t') => out.push_str("\\t"),
            Ok(b'\r') => out.push_str("\\r"),
            Ok(0x08) => out.push_str("\\b"),
            Ok(0x0c) => out.push_str("\\f"),
            Ok(c @ b' '..=0x7f) => out.push(char::from(c)),
            _ => out.push_str(&format!("\\u{unit:04X}")),
        }
    }
    out
}

fn url_decode(text: &str) -> Result<Value, String> {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('%') {
        if !bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) {
            return Err("java.lang.IllegalArgumentException: URLDecoder: Illegal hex characters in escape (%) pattern".to_owned());
        }
    }
    let spaced = text.replace('+', " ");
    Ok(Value::text(percent_decode_str(&spaced).decode_utf8_lossy().as_ref()))
}

/// Commons Codec's decoder: both alphabets, padding or not, anything else passed over.
fn base64_decode(text: &str) -> Result<Value, String> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let mut bits = 0u32;
    let mut count = 0;
    for c in text.bytes() {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(Value::text(String::from_utf8_lossy(&bytes).as_ref()))
}
