//! Decides whether a parsed signature is right.
//!
//! Always holds: `verify` runs `check` first, so a caller cannot forget time and scope; comparison is in constant time.
//! A declared payload hash is compared with the body too.
//!
//! Known difference from AWS: which parts of a wrong scope are reported is as on AWS; the region is checked only when
//! the caller names one.

use crate::canonical::{Coverage, RequestView, build, string_to_sign};
use crate::encode::hex;
use crate::error::{Error, Mismatch, PayloadError, ScopeMismatch};
use crate::key::SigningKey;
use crate::parse::{Algorithm, Form, Payload, Signed};
use crate::rules::Rules;
use crate::v4a::VerifyingKey;

/// What is known of the body when the signature is verified.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// Not read yet; the caller compares it afterwards. A request whose signature says nothing about its body is then
    /// verified as if the body were empty.
    Unread,
}

/// The circumstances of a verification.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Now, in seconds since the epoch.
    pub now_s: i64,
    /// The rules of the service.
    pub rules: &'a Rules,
    /// The signing name that the scope must have.
    pub service: &'a str,
    /// The region that the scope must have; `None` for any.
    pub region: Option<&'a str>,
}

/// Time and scope: what can be refused before the key is looked up.
pub fn check(signed: &Signed, terms: &Terms<'_>) -> Result<(), Error> {
    check_time(signed, terms)?;
    check_scope(signed, terms)
}

/// Whether `signed` is right for the request, the key and the body (`AWS4-HMAC-SHA256`).
/// Five parameters, since each comes from elsewhere: the parser, the wire, the key store, the body, the service.
pub fn verify(
    signed: &Signed,
    view: &RequestView<'_>,
    key: &SigningKey,
    body: Body,
    terms: &Terms<'_>,
) -> Result<(), Error> {
    verify_by(signed, view, body, terms, |text| {
        signed.algorithm == Algorithm::HmacSha256 && key.matches(text.as_bytes(), &signed.signature)
    })
}

/// As [`verify`], for Signature Version 4A (`AWS4-ECDSA-P256-SHA256`).
pub fn verify_v4a(
    signed: &Signed,
    view: &RequestView<'_>,
    key: &VerifyingKey,
    body: Body,
    terms: &Terms<'_>,
) -> Result<(), Error> {
    verify_by(signed, view, body, terms, |text| {
        signed.algorithm == Algorithm::EcdsaP256Sha256 && key.matches(text.as_bytes(), &signed.signature)
    })
}

fn verify_by(
    signed: &Signed,
    view: &RequestView<'_>,
    body: Body,
    terms: &Terms<'_>,
    is_right: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    check(signed, terms)?;
    let payload = payload_text(signed, body);
    let text_with = |query_token: bool| {
        let covered = Coverage { form: signed.form, headers: &signed.signed_headers, query_token };
        let canonical = build(view, &covered, &payload, terms.rules);
        let scope = signed.scope.to_text();
        let text = string_to_sign(signed.algorithm.name(), &signed.date_text(), &scope, &canonical);
        (text, canonical)
    };
    let (text, canonical) = text_with(true);
    let token_may_be_left_out = terms.rules.token_after_signing && signed.form == Form::Query;
    let right = is_right(&text) || (token_may_be_left_out && is_right(&text_with(false).0));
    if !right {
        return Err(Error::Mismatch(Box::new(Mismatch {
            access_key: signed.access_key.clone(),
            signature: signed.signature.clone(),
            string_to_sign: text,
            canonical_request: String::from_utf8_lossy(&canonical).into_owned(),
        })));
    }
    match (signed.payload, body) {
        (Payload::Sha256(declared), Body::Sha256(computed)) if declared != computed => {
            let (declared, computed) = (hex(&declared), hex(&computed));
            Err(Error::Payload(PayloadError::Mismatch { declared, computed }))
        }
        _ => Ok(()),
    }
}

fn payload_text(signed: &Signed, body: Body) -> String {
    match (signed.payload, body) {
        (Payload::Body, Body::Sha256(hash)) | (Payload::Sha256(hash), _) => hex(&hash),
        (Payload::Body, Body::Unread) => crate::EMPTY_SHA256.to_owned(),
        (words, _) => words.word().unwrap_or_default().to_owned(),
    }
}

fn check_time(signed: &Signed, terms: &Terms<'_>) -> Result<(), Error> {
    let (date_s, now_s, skew_s) = (signed.date_s, terms.now_s, terms.rules.skew_s);
    let ahead = date_s > now_s.saturating_add(skew_s);
    match signed.expires_s {
        Some(_) if ahead => Err(Error::UrlNotYetValid { date_s, now_s, skew_s }),
        Some(expires_s) if now_s > date_s.saturating_add(expires_s) => {
            Err(Error::UrlExpired { date_s, now_s, expires_s })
        }
        Some(_) => Ok(()),
        None if ahead => Err(Error::NotYetCurrent { date_s, now_s, skew_s }),
        None if date_s < now_s.saturating_sub(skew_s) => Err(Error::Expired { date_s, now_s, skew_s }),
        None => Ok(()),
    }
}

fn check_scope(signed: &Signed, terms: &Terms<'_>) -> Result<(), Error> {
    let scope = &signed.scope;
    let date_text = signed.date_text();
    let day = &date_text[..8];
    let region = terms.region.filter(|wanted| match (&signed.region_set, signed.algorithm) {
        (set, Algorithm::EcdsaP256Sha256) => !region_set_has(set.as_deref().unwrap_or_default(), wanted),
        _ => scope.region != *wanted,
    });
    // A scope without any region is never valid.
    let no_region = signed.algorithm == Algorithm::HmacSha256 && scope.region.is_empty();
    let region = region.or(no_region.then_some(terms.region.unwrap_or("us-east-1")));
    let mismatch = ScopeMismatch {
        form: signed.form,
        region: region.map(|wanted| {
            let received = signed.region_set.clone().unwrap_or_else(|| scope.region.clone());
            (received, wanted.to_owned())
        }),
        service: (scope.service != terms.service).then(|| (scope.service.clone(), terms.service.to_owned())),
        terminator: (signed.terminator != "aws4_request").then(|| signed.terminator.clone()),
        date: (scope.date != day).then(|| (scope.date.clone(), day.to_owned(), date_text.clone())),
    };
    match mismatch {
        ScopeMismatch { region: None, service: None, terminator: None, date: None, .. } => Ok(()),
        wrong => Err(Error::BadScope(Box::new(wrong))),
    }
}

// AWS: the region set is a list such as `us-east-1,eu-*`.
fn region_set_has(set: &str, region: &str) -> bool {
    set.split(',').map(str::trim).any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => region.starts_with(prefix),
        None => pattern == region,
    })
}

#[cfg(test)]
mod tests;
