//! Reads a signature off a request: header form or query form.
//!
//! Always holds: what comes back is syntactically whole; nothing in it has been verified yet. The order of the
//! checks is the one seen on AWS: parts present, date readable, host signed, algorithm, credential.

use http::HeaderMap;

use crate::canonical::RequestView;
use crate::encode::{Pair, hex_decode, query_pairs};
use crate::error::{Error, Missing, PayloadError};
use crate::key::Scope;
use crate::rules::{PRESIGN_EXPIRES_S_MAX, Rules};
use crate::time::{format_amz_date, parse_amz_date, parse_http_date};

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query string: a presigned URL.
    Query,
}

/// How it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`.
    HmacSha256,
    /// `AWS4-ECDSA-P256-SHA256` (Signature Version 4A, several regions).
    EcdsaP256Sha256,
}

/// What the signature says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Nothing: its hash is taken from the body received.
    Body,
    /// Its hash.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: aws-chunked, each chunk signed.
    Streaming,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`.
    StreamingTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: aws-chunked, nothing signed.
    StreamingUnsignedTrailer,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD`.
    StreamingEcdsa,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER`.
    StreamingEcdsaTrailer,
}

/// A parsed signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Header or query.
    pub form: Form,
    /// How it was signed.
    pub algorithm: Algorithm,
    /// Whose key, as received.
    pub access_key: String,
    /// Day, region and service, as received.
    pub scope: Scope,
    /// When it was signed, in seconds since the epoch.
    pub date_s: i64,
    /// Lower case, sorted.
    pub signed_headers: Vec<String>,
    /// As received: hex.
    pub signature: String,
    pub payload: Payload,
    /// As received, not verified.
    pub session_token: Option<String>,
    /// How long a presigned URL is good for, in seconds.
    pub expires_s: Option<i64>,
    /// Signature Version 4A: where it is good, such as `us-east-1,eu-*`.
    pub region_set: Option<String>,
    pub(crate) terminator: String,
}

/// The signature of a request; `None` when there is none. An `Authorization` header of another scheme is an error
/// (`NotAws`): a caller that serves such requests looks before it parses.
pub fn parse(view: &RequestView<'_>, rules: &Rules) -> Result<Option<Signed>, Error> {
    let pairs = query_pairs(view.query);
    let in_query = pairs.iter().any(|(name, _)| name == b"X-Amz-Algorithm" || name == b"X-Amz-Signature");
    let authorization = view.headers.get(http::header::AUTHORIZATION);
    match authorization {
        Some(_) if in_query => Err(Error::BothForms),
        Some(value) => {
            let text = String::from_utf8_lossy(value.as_bytes());
            parse_header(text.trim(), view.headers, rules).map(Some)
        }
        None if in_query => parse_query(&pairs, view.headers, rules).map(Some),
        None => Ok(None),
    }
}

impl Algorithm {
    /// As it stands in the request.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::HmacSha256 => "AWS4-HMAC-SHA256",
            Algorithm::EcdsaP256Sha256 => "AWS4-ECDSA-P256-SHA256",
        }
    }

    fn parse(name: &str, form: Form) -> Result<Algorithm, Error> {
        match name {
            "AWS4-HMAC-SHA256" => Ok(Algorithm::HmacSha256),
            "AWS4-ECDSA-P256-SHA256" => Ok(Algorithm::EcdsaP256Sha256),
            other => Err(Error::UnsupportedAlgorithm { form, got: other.to_owned() }),
        }
    }
}

impl Payload {
    /// The words of `x-amz-content-sha256`; hashes and `Body` have none.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Payload::Body | Payload::Sha256(_) => None,
            Payload::Unsigned => Some("UNSIGNED-PAYLOAD"),
            Payload::Streaming => Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            Payload::StreamingTrailer => Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            Payload::StreamingUnsignedTrailer => Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            Payload::StreamingEcdsa => Some("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"),
            Payload::StreamingEcdsaTrailer => Some("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"),
        }
    }

    fn parse(text: &str) -> Result<Payload, Error> {
        const WORDS: [Payload; 6] = [
            Payload::Unsigned,
            Payload::Streaming,
            Payload::StreamingTrailer,
            Payload::StreamingUnsignedTrailer,
            Payload::StreamingEcdsa,
            Payload::StreamingEcdsaTrailer,
        ];
        if let Some(word) = WORDS.into_iter().find(|payload| payload.word() == Some(text)) {
            return Ok(word);
        }
        // AWS refuses upper case here: the text goes into the canonical request as it is.
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let hash = hex_decode(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).filter(|_| lower);
        hash.map(Payload::Sha256)
            .ok_or_else(|| Error::Payload(PayloadError::Invalid { got: text.to_owned() }))
    }
}

struct Parts<'a> {
    form: Form,
    algorithm: &'a str,
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

fn parse_header(text: &str, headers: &HeaderMap, rules: &Rules) -> Result<Signed, Error> {
    if !text.starts_with("AWS4-") {
        return Err(Error::NotAws { authorization: text.to_owned() });
    }
    let (algorithm, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let (mut credential, mut signature, mut signed_headers) = (None, None, None);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(Error::NotKeyValue { part: part.to_owned(), authorization: text.to_owned() });
        };
        match name.trim() {
            "Credential" => credential = Some(value.trim()),
            "Signature" => signature = Some(value.trim()),
            "SignedHeaders" => signed_headers = Some(value.trim()),
            _ => {}
        }
    }
    let date = header_text(headers, "x-amz-date").or_else(|| header_text(headers, "date"));
    let missing: Vec<Missing> = [
        (Missing::Credential, credential.is_none_or(str::is_empty)),
        (Missing::Signature, signature.is_none_or(str::is_empty)),
        (Missing::SignedHeaders, signed_headers.is_none()),
        (Missing::Date, date.is_none()),
    ]
    .into_iter()
    .filter_map(|(what, is_missing)| is_missing.then_some(what))
    .collect();
    let (Some(credential), Some(signature), Some(signed_headers), Some(date), true) =
        (credential, signature, signed_headers, date, missing.is_empty())
    else {
        return Err(Error::Incomplete { form: Form::Header, missing, authorization: text.to_owned() });
    };
    let date_s = parse_amz_date(&date)
        .or_else(|| parse_http_date(&date))
        .ok_or(Error::BadDate { form: Form::Header, got: date })?;
    let parts = Parts { form: Form::Header, algorithm, credential, signed_headers, signature };
    let mut signed = assemble(&parts, date_s, headers, rules)?;
    signed.session_token = header_text(headers, "x-amz-security-token");
    signed.region_set = header_text(headers, "x-amz-region-set");
    if rules.declared_payload {
        let declared = header_text(headers, "x-amz-content-sha256");
        signed.payload = Payload::parse(&declared.ok_or(Error::Payload(PayloadError::Missing))?)?;
    }
    Ok(signed)
}

fn parse_query(pairs: &[Pair], headers: &HeaderMap, rules: &Rules) -> Result<Signed, Error> {
    let form = Form::Query;
    let get = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name == wanted.as_bytes());
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let algorithm = get("X-Amz-Algorithm");
    let credential = get("X-Amz-Credential");
    let signature = get("X-Amz-Signature");
    let signed_headers = get("X-Amz-SignedHeaders");
    let date = get("X-Amz-Date");
    let expires = get("X-Amz-Expires");
    let missing: Vec<Missing> = [
        (Missing::Algorithm, algorithm.is_none()),
        (Missing::Credential, credential.is_none()),
        (Missing::Signature, signature.is_none()),
        (Missing::SignedHeaders, signed_headers.is_none()),
        (Missing::Date, date.is_none()),
        (Missing::Expires, rules.expires_required && expires.is_none()),
    ]
    .into_iter()
    .filter_map(|(what, is_missing)| is_missing.then_some(what))
    .collect();
    let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date), true) =
        (algorithm, credential, signature, signed_headers, date, missing.is_empty())
    else {
        return Err(Error::Incomplete { form, missing, authorization: String::new() });
    };
    let date_s = parse_amz_date(&date).ok_or(Error::BadDate { form, got: date })?;
    let expires_s = expires.as_deref().map(parse_expires).transpose()?;
    let parts = Parts {
        form,
        algorithm: &algorithm,
        credential: &credential,
        signed_headers: &signed_headers,
        signature: &signature,
    };
    let mut signed = assemble(&parts, date_s, headers, rules)?;
    signed.session_token = get("X-Amz-Security-Token");
    signed.region_set = get("X-Amz-Region-Set");
    signed.expires_s = expires_s;
    if rules.declared_payload {
        let declared = get("X-Amz-Content-Sha256").or_else(|| header_text(headers, "x-amz-content-sha256"));
        signed.payload = declared.map_or(Ok(Payload::Unsigned), |text| Payload::parse(&text))?;
    }
    Ok(signed)
}

fn assemble(parts: &Parts<'_>, date_s: i64, headers: &HeaderMap, rules: &Rules) -> Result<Signed, Error> {
    let form = parts.form;
    let mut signed_headers: Vec<String> =
        parts.signed_headers.split(';').map(|name| name.trim().to_ascii_lowercase()).collect();
    signed_headers.retain(|name| !name.is_empty());
    signed_headers.sort();
    let is_signed = |name: &str| signed_headers.binary_search_by(|s| s.as_str().cmp(name)).is_ok();
    if !is_signed("host") {
        return Err(Error::HostNotSigned);
    }
    if rules.amz_headers_signed {
        let names = headers.keys().map(http::HeaderName::as_str);
        let unsigned: Vec<String> = names
            .filter(|name| name.starts_with("x-amz-") && !is_signed(name))
            // The hash of the payload is in the canonical request anyway.
            .filter(|name| *name != "x-amz-content-sha256")
            .map(str::to_owned)
            .collect();
        if !unsigned.is_empty() {
            return Err(Error::HeadersNotSigned(unsigned));
        }
    }
    let algorithm = Algorithm::parse(parts.algorithm, form)?;
    let bad = || Error::BadCredential { form, got: parts.credential.to_owned() };
    let pieces: Vec<&str> = parts.credential.trim_end_matches('/').split('/').collect();
    let (access_key, date, region, service, terminator) = match (algorithm, pieces.as_slice()) {
        (Algorithm::HmacSha256, [key, date, region, service, end]) => (*key, *date, *region, *service, *end),
        (Algorithm::EcdsaP256Sha256, [key, date, service, end]) => (*key, *date, "", *service, *end),
        _ => return Err(bad()),
    };
    if access_key.is_empty() {
        return Err(bad());
    }
    Ok(Signed {
        form,
        algorithm,
        access_key: access_key.to_owned(),
        scope: Scope { date: date.to_owned(), region: region.to_owned(), service: service.to_owned() },
        date_s,
        signed_headers,
        signature: parts.signature.to_owned(),
        payload: Payload::Body,
        session_token: None,
        expires_s: None,
        region_set: None,
        terminator: terminator.to_owned(),
    })
}

impl Signed {
    /// The time of the request as it stands in the string to sign.
    pub fn date_text(&self) -> String {
        format_amz_date(self.date_s)
    }
}

fn parse_expires(text: &str) -> Result<i64, Error> {
    match text.parse::<i64>() {
        Ok(seconds) if seconds < 0 => Err(Error::ExpiresNegative),
        Ok(seconds) if seconds > PRESIGN_EXPIRES_S_MAX => Err(Error::ExpiresTooLarge),
        Ok(seconds) => Ok(seconds),
        Err(_) => Err(Error::ExpiresNotANumber),
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}
