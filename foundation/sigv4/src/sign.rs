//! Signs and presigns requests of our own.
//!
//! Always holds: what `sign` and `presign` make, `verify` accepts under the same rules.

use http::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};

use crate::canonical::{Coverage, RequestView, build, string_to_sign};
use crate::encode::{hex, uri_encode};
use crate::key::{Credentials, Scope, SigningKey};
use crate::parse::{Algorithm, Form, Payload};
use crate::rules::Rules;
use crate::time::format_amz_date;

/// Who signs, for what, and when.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    pub credentials: &'a Credentials,
    pub region: &'a str,
    /// The signing name, such as `lambda`.
    pub service: &'a str,
    /// Seconds since the epoch.
    pub now_s: i64,
    pub rules: &'a Rules,
}

// Headers that a proxy or the HTTP library may change on the way.
const UNSIGNED: &[&str] = &[
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amz-date",
    "x-amz-security-token",
    "x-amzn-trace-id",
];

/// The headers that sign `view`: `x-amz-date`, `authorization`, with temporary credentials `x-amz-security-token`, and
/// `x-amz-content-sha256` where the service declares payloads. `Payload::Body` stands for an empty body.
/// Fails when the session token is no header value.
pub fn sign(
    view: &RequestView<'_>,
    payload: Payload,
    signer: &Signer<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    let date = format_amz_date(signer.now_s);
    let payload = payload_text(payload);
    let mut added = vec![(HeaderName::from_static("x-amz-date"), HeaderValue::from_str(&date)?)];
    if let Some(token) = &signer.credentials.session_token {
        added.push((HeaderName::from_static("x-amz-security-token"), HeaderValue::from_str(token)?));
    }
    if signer.rules.declared_payload {
        added.push((HeaderName::from_static("x-amz-content-sha256"), HeaderValue::from_str(&payload)?));
    }
    let mut headers = view.headers.clone();
    for (name, value) in &added {
        headers.insert(name, value.clone());
    }
    let names = signed_names(view, &added);
    let signed_view = RequestView { headers: &headers, ..*view };
    let covered = Coverage { form: Form::Header, headers: &names, query_token: true };
    let canonical = build(&signed_view, &covered, &payload, signer.rules);
    let scope = scope(signer, &date);
    let signature = signature(signer, &scope, &date, &canonical);
    let authorization = format!(
        "{} Credential={}/{}, SignedHeaders={}, Signature={signature}",
        Algorithm::HmacSha256.name(),
        signer.credentials.access_key,
        scope.to_text(),
        names.join(";")
    );
    added.push((AUTHORIZATION, HeaderValue::from_str(&authorization)?));
    Ok(added)
}

/// The query string of a presigned URL for `view`, its own query included. Signs the headers that `view` has, so it
/// should have `host` (or an authority) and little else. `expires_s`: at most a week.
pub fn presign(view: &RequestView<'_>, payload: Payload, expires_s: u32, signer: &Signer<'_>) -> String {
    let date = format_amz_date(signer.now_s);
    let scope = scope(signer, &date);
    let names = signed_names(view, &[]);
    let credential = format!("{}/{}", signer.credentials.access_key, scope.to_text());
    let mut query = view.query.to_owned();
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.push_str(&uri_encode(value.as_bytes()));
    };
    add("X-Amz-Algorithm", Algorithm::HmacSha256.name());
    add("X-Amz-Credential", &credential);
    add("X-Amz-Date", &date);
    add("X-Amz-Expires", &expires_s.to_string());
    if let Some(token) =
        signer.credentials.session_token.as_ref().filter(|_| !signer.rules.token_after_signing)
    {
        add("X-Amz-Security-Token", token);
    }
    add("X-Amz-SignedHeaders", &names.join(";"));
    let payload = payload_text(payload);
    let signed_view = RequestView { query: &query, ..*view };
    let covered = Coverage { form: Form::Query, headers: &names, query_token: true };
    let canonical = build(&signed_view, &covered, &payload, signer.rules);
    let signature = signature(signer, &scope, &date, &canonical);
    if let Some(token) =
        signer.credentials.session_token.as_ref().filter(|_| signer.rules.token_after_signing)
    {
        query = query + "&X-Amz-Security-Token=" + &uri_encode(token.as_bytes());
    }
    query + "&X-Amz-Signature=" + &signature
}

fn scope(signer: &Signer<'_>, date: &str) -> Scope {
    Scope { date: date[..8].to_owned(), region: signer.region.to_owned(), service: signer.service.to_owned() }
}

fn signature(signer: &Signer<'_>, scope: &Scope, date: &str, canonical: &[u8]) -> String {
    let text = string_to_sign(Algorithm::HmacSha256.name(), date, &scope.to_text(), canonical);
    hex(&SigningKey::derive(&signer.credentials.secret, scope).sign(text.as_bytes()))
}

fn payload_text(payload: Payload) -> String {
    match payload {
        Payload::Sha256(hash) => hex(&hash),
        Payload::Body => crate::EMPTY_SHA256.to_owned(),
        words => words.word().unwrap_or_default().to_owned(),
    }
}

fn signed_names(view: &RequestView<'_>, added: &[(HeaderName, HeaderValue)]) -> Vec<String> {
    let own = view.headers.keys().map(HeaderName::as_str).filter(|name| !UNSIGNED.contains(name));
    let added = added.iter().map(|(name, _)| name.as_str());
    let mut names: Vec<String> = own.chain(added).chain(["host"]).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
