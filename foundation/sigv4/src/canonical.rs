//! The canonical request and the string to sign.
//!
//! Always holds: signer and verifier both come through here; header values are trimmed, their runs of spaces become
//! one, repeated headers are joined with commas in the order received.
//!
//! AWS: Create a signed AWS API request. A signed header that the request does not have counts as an empty one.

use http::HeaderMap;

use crate::encode::{canonical_path, canonical_query, hex, query_pairs};
use crate::key::sha256;
use crate::parse::{Form, Signed};
use crate::rules::Rules;

/// A request as it came over the wire, before any decoding.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// Upper case, such as `GET`.
    pub method: &'a str,
    /// The path, percent-encoded as received, without the query.
    pub path: &'a str,
    /// The query string as received, without the `?`.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// HTTP/2's `:authority`, used for `host` when there is no such header.
    pub authority: Option<&'a str>,
}

/// What of the request is signed, besides method, path and payload.
pub(crate) struct Coverage<'a> {
    pub(crate) form: Form,
    pub(crate) headers: &'a [String],
    /// Whether a session token in the query is part of it (it is, but where AWS has it added afterwards).
    pub(crate) query_token: bool,
}

/// The canonical request of `view`, with the payload hash (or its stand-in such as `UNSIGNED-PAYLOAD`) given.
/// Bytes, since header values need not be UTF-8.
pub fn canonical_request(view: &RequestView<'_>, signed: &Signed, payload: &str, rules: &Rules) -> Vec<u8> {
    build(
        view,
        &Coverage { form: signed.form, headers: &signed.signed_headers, query_token: true },
        payload,
        rules,
    )
}

pub(crate) fn build(view: &RequestView<'_>, covered: &Coverage<'_>, payload: &str, rules: &Rules) -> Vec<u8> {
    let pairs = query_pairs(view.query);
    let query = canonical_query(pairs.iter().filter(|(name, _)| {
        covered.form == Form::Header
            || (name != b"X-Amz-Signature" && (covered.query_token || name != b"X-Amz-Security-Token"))
    }));
    let mut out = Vec::with_capacity(512);
    let path = canonical_path(view.path, rules.path);
    for part in [view.method, &path, &query] {
        out.extend_from_slice(part.as_bytes());
        out.push(b'\n');
    }
    for name in covered.headers {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        header_value_into(&mut out, view, name);
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(covered.headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload.as_bytes());
    out
}

/// The string to sign over a canonical request.
pub fn string_to_sign(algorithm: &str, date: &str, scope: &str, canonical_request: &[u8]) -> String {
    format!("{algorithm}\n{date}\n{scope}\n{}", hex(&sha256(canonical_request)))
}

fn header_value_into(out: &mut Vec<u8>, view: &RequestView<'_>, name: &str) {
    let mut values = view.headers.get_all(name).iter().map(http::HeaderValue::as_bytes).peekable();
    if values.peek().is_none() && name == "host" {
        squeeze_into(out, view.authority.unwrap_or_default().as_bytes());
        return;
    }
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        squeeze_into(out, value);
    }
}

fn squeeze_into(out: &mut Vec<u8>, value: &[u8]) {
    let is_space = |b: &u8| *b == b' ' || *b == b'\t';
    for (index, word) in value.split(is_space).filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}
