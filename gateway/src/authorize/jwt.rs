//! Tokens of user pools and of any other OpenID issuer: RS256 against the issuer's keys, then what the token says of itself.
//!
//! Without scopes a method wants an id token, with scopes an access token that has one of them. A token that was verified is remembered for
//! the authorizer's time to live; its end and its scopes are looked at with each request. `Bearer ` before the token is optional.
//!
//! AWS: Control access to REST APIs using Amazon Cognito user pools as an authorizer. Known differences: tokens of issuers that are no
//! user pools do not say whether they are for access; such a token is good for both. Inferred: a token that lacks the scopes is a 401.

use std::sync::Arc;
use std::time::Duration;

use fancy_regex::Regex;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use plan::{Asks, Authorizer, Issuer};
use serde_json::{Map, Value};

use crate::Gateway;
use crate::authorize::{cache, identity, masked, misconfigured, unauthorized};
use crate::exchange::{Authorized, Exchange};
use crate::response::{GatewayResponse, Kind};

/// A token whose signature is right.
#[derive(Debug)]
pub(crate) struct Token {
    /// As they are passed on: texts.
    claims: Map<String, Value>,
    /// Seconds since the epoch.
    expires_s: i64,
    /// Seconds since the epoch.
    begins_s: Option<i64>,
    kind: TokenUse,
    scopes: Vec<String>,
    bytes: usize,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenUse {
    Id,
    Access,
    /// The issuer does not say.
    Any,
}

/// Why a token is not good.
#[derive(Debug, PartialEq)]
pub(crate) enum Bad {
    /// There is none, or it is not right.
    Token,
    /// It was, once.
    Expired,
    /// The issuer's keys are not known; the text says why.
    Issuer(String),
}

/// Lets a request in if it has a good token.
pub(crate) async fn authorize(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
) -> Result<(), GatewayResponse> {
    match admit(gateway, exchange, authorizer).await {
        Ok(token) => {
            exchange.authorizer =
                Some(Authorized { claims: Some(token.claims.clone()), ..Authorized::default() });
            Ok(())
        }
        Err(bad) => Err(refused(exchange, &bad)),
    }
}

/// What a client with such a token is told.
pub(crate) fn refused(exchange: &mut Exchange, bad: &Bad) -> GatewayResponse {
    match bad {
        Bad::Token => unauthorized(exchange),
        Bad::Expired => {
            unauthorized(exchange);
            GatewayResponse::saying(Kind::Unauthorized, "The incoming token has expired")
        }
        Bad::Issuer(why) => misconfigured(exchange, why),
    }
}

/// The token of a request, if it is good for the method.
pub(crate) async fn admit(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
) -> Result<Arc<Token>, Bad> {
    let Asks::Jwt { header, expression, issuers } = &authorizer.asks else {
        return Err(Bad::Issuer("the authorizer asks no issuer".to_owned()));
    };
    let id = &authorizer.id;
    exchange.trail.line(|| format!("Starting authorizer: {id} for request: {}", exchange.inbound.request_id));
    let sent = identity::token(exchange, header, None).ok_or(Bad::Token)?;
    exchange.trail.line(|| format!("Incoming identity: {}", masked(&sent)));
    let now = gateway.host.clock.monotonic();
    let remembered_as = cache::name(&authorizer.generation, std::slice::from_ref(&sent));
    let token = match gateway.memory.tokens.get(&remembered_as, now) {
        Some(token) => token,
        None => {
            let token = Arc::new(verify(gateway, bare(&sent), issuers, expression.as_ref()).await?);
            let until = now + Duration::from_secs(u64::from(authorizer.ttl_s));
            gateway.memory.tokens.put(remembered_as, Arc::clone(&token), token.bytes, (now, until));
            token
        }
    };
    let now_s = gateway.host.clock.now_ms() / 1000;
    token.check(now_s, &exchange.method().definition.authorization_scopes)?;
    Ok(token)
}

impl Token {
    /// The claims as they are passed on.
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    fn check(&self, now_s: i64, wanted: &[String]) -> Result<(), Bad> {
        if self.expires_s <= now_s {
            return Err(Bad::Expired);
        }
        if self.begins_s.is_some_and(|begins_s| begins_s > now_s) {
            return Err(Bad::Token);
        }
        let is_right = match (wanted.is_empty(), self.kind) {
            (true, kind) => kind != TokenUse::Access,
            (false, TokenUse::Id) => false,
            (false, _) => self.scopes.iter().any(|scope| wanted.contains(scope)),
        };
        if is_right { Ok(()) } else { Err(Bad::Token) }
    }

    fn read(claims: &Map<String, Value>, is_cognito: bool, bytes: usize) -> Option<Token> {
        let number = |name: &str| match claims.get(name) {
            Some(Value::Number(number)) => number.as_i64().or_else(|| number.as_f64().map(|n| n as i64)),
            _ => None,
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let kind = match text("token_use") {
            Some("id") => TokenUse::Id,
            Some("access") => TokenUse::Access,
            _ if is_cognito => return None,
            _ => TokenUse::Any,
        };
        let scopes = match claims.get("scope").or_else(|| claims.get("scp")) {
            Some(Value::String(scopes)) => scopes.split(' ').map(str::to_owned).collect(),
            Some(Value::Array(scopes)) => {
                scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        Some(Token {
            expires_s: number("exp")?,
            // AWS: neither of them may be to come.
            begins_s: number("nbf").into_iter().chain(number("iat")).max(),
            claims: claims.iter().map(|(name, value)| (name.clone(), shown(name, value).into())).collect(),
            kind,
            scopes,
            bytes: bytes * 2,
        })
    }
}

/// AWS: `Bearer ` is not part of the token.
fn bare(sent: &str) -> &str {
    match sent.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("Bearer ") => sent[7..].trim(),
        _ => sent.trim(),
    }
}

async fn verify(
    gateway: &Gateway,
    token: &str,
    issuers: &[Issuer],
    expression: Option<&Regex>,
) -> Result<Token, Bad> {
    let header = decode_header(token).map_err(|_| Bad::Token)?;
    let key_id = header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or(Bad::Token)?;
    // Only which issuer to ask comes from what is not verified yet.
    let claimed: Map<String, Value> = dangerous::insecure_decode_claims(token).map_err(|_| Bad::Token)?;
    let issuer = issuer_of(&claimed).and_then(|url| issuers.iter().find(|issuer| issuer.url == url));
    let issuer = issuer.ok_or(Bad::Token)?;
    let key = gateway.memory.issuers.key(gateway, issuer, &key_id).await;
    let key = key.map_err(|why| Bad::Issuer(why.to_string()))?.ok_or(Bad::Token)?;
    let claims = verified(token, &key)?;
    if issuer_of(&claims) != Some(&issuer.url) || !is_for(&claims, expression) {
        return Err(Bad::Token);
    }
    Token::read(&claims, issuer.is_cognito, token.len()).ok_or(Bad::Token)
}

/// The claims of a token with a right signature; what they say of time is looked at elsewhere, by the host's clock.
fn verified(token: &str, key: &DecodingKey) -> Result<Map<String, Value>, Bad> {
    let mut terms = Validation::new(Algorithm::RS256);
    (terms.validate_exp, terms.validate_nbf, terms.validate_aud) = (false, false, false);
    terms.required_spec_claims.clear();
    decode(token, key, &terms).map(|token| token.claims).map_err(|_| Bad::Token)
}

fn issuer_of(claims: &Map<String, Value>) -> Option<&str> {
    claims.get("iss").and_then(Value::as_str).map(|issuer| issuer.trim_end_matches('/'))
}

/// AWS: the expression is held against `aud`; an access token of a user pool has a `client_id` instead.
fn is_for(claims: &Map<String, Value>, expression: Option<&Regex>) -> bool {
    if expression.is_none() {
        return true;
    }
    match claims.get("aud").or_else(|| claims.get("client_id")) {
        Some(Value::String(audience)) => identity::is_match(expression, audience),
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).any(|audience| identity::is_match(expression, audience))
        }
        _ => false,
    }
}

/// A claim as events show it. AWS: lists are joined with commas; `exp` and `iat` are dates as Java prints them.
fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::Number(number) if matches!(name, "exp" | "iat") => {
            let moment = number.as_i64().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
            moment.map_or_else(
                || number.to_string(),
                |moment| moment.strftime("%a %b %d %H:%M:%S UTC %Y").to_string(),
            )
        }
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let items = list.iter().map(|item| match item {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            items.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
