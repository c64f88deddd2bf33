//! URI encoding as signatures want it, canonical paths and query strings, hex.
//!
//! Always holds: only `A-Z a-z 0-9 - . _ ~` stay bare, hex digits are upper case in URIs and lower case in signatures.
//! A `%` that no two hex digits follow stands for itself.
//!
//! AWS: Create a signed AWS API request, "URI-encode every byte …".

use crate::rules::PathRule;

/// One `name=value` of a query string, percent-decoded; `+` is a space.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Percent-encodes everything but unreserved characters, `/` included.
pub fn uri_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    encode_into(&mut out, bytes, false);
    out
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char])
        .collect()
}

/// Bytes of an even number of hex digits of either case; `None` for anything else.
pub fn hex_decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

/// The canonical form of a raw request path (as received, without the query).
pub(crate) fn canonical_path(raw: &str, rule: PathRule) -> String {
    let mut out = String::with_capacity(raw.len() + 8);
    match rule {
        PathRule::SingleEncoded => encode_into(&mut out, &percent_decode(raw.as_bytes(), false), true),
        PathRule::DoubleEncoded => encode_into(&mut out, raw.as_bytes(), true),
        PathRule::NormalizedDoubleEncoded => encode_into(&mut out, normalize(raw).as_bytes(), true),
    }
    if out.is_empty() {
        out.push('/');
    }
    out
}

/// The decoded pairs of a raw query string, in the order received. Empty pieces (`a&&b`) are dropped.
pub(crate) fn query_pairs(raw: &str) -> Vec<Pair> {
    raw.split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (percent_decode(name.as_bytes(), true), percent_decode(value.as_bytes(), true))
        })
        .collect()
}

/// The canonical query string of decoded pairs: encoded, sorted by name and then value, `name=` when empty.
pub(crate) fn canonical_query<'a>(pairs: impl Iterator<Item = &'a Pair>) -> String {
    let mut encoded: Vec<(String, String)> =
        pairs.map(|(name, value)| (uri_encode(name), uri_encode(value))).collect();
    encoded.sort();
    let mut out = String::new();
    for (name, value) in &encoded {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    out
}

fn encode_into(out: &mut String, bytes: &[u8], keep_slash: bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &b in bytes {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') || (keep_slash && b == b'/') {
            out.push(b as char);
        } else {
            out.push('%');
            out.push(DIGITS[usize::from(b >> 4)] as char);
            out.push(DIGITS[usize::from(b & 15)] as char);
        }
    }
}

fn percent_decode(bytes: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%' && at + 2 < bytes.len())
            .then(|| Some(nibble(bytes[at + 1])? << 4 | nibble(bytes[at + 2])?))
            .flatten();
        match (escaped, bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (None, b'+') if plus_is_space => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    out
}

// RFC 3986, section 5.2.4, and repeated slashes become one.
fn normalize(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut out = String::with_capacity(raw.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    let names_a_folder = raw.ends_with('/') || raw.ends_with("/.") || raw.ends_with("/..");
    if kept.is_empty() || names_a_folder {
        out.push('/');
    }
    out
}

fn nibble(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests;
