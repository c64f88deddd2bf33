//! What protects a method: the API's own policy, IAM, a Lambda authorizer, or a token of a user pool.
//!
//! Whatever cannot be checked is refused, never let through. Who the client is comes from its connection and from what was verified here,
//! never from a header that says so: [`Exchange::identity`] and [`Exchange::authorizer`] are filled in nowhere else.
//!
//! AWS: Control and manage access to REST APIs in API Gateway; How API Gateway resource policies affect authorization workflow.

pub(crate) mod cache;
mod event;
mod iam;
mod identity;
mod jwks;
pub(crate) mod jwt;
mod lambda;
mod resource_policy;
pub(crate) mod tried;

use std::sync::Arc;

use plan::{Asks, Authorizer, Protection};
use policy::Context;
use sigv4::{KeyCache, RequestView, Rules};

pub(crate) use jwks::Issuers;

use crate::Gateway;
use crate::authorize::cache::Answers;
use crate::authorize::jwt::Token;
use crate::authorize::lambda::Verdict;
use crate::authorize::resource_policy::Way;
use crate::exchange::Exchange;
use crate::limits::METHOD_ARN_BYTES_MAX;
use crate::response::{GatewayResponse, Kind};

/// The action that every policy of an API's clients is about.
const ACTION: &str = "execute-api:Invoke";

/// What authorization remembers.
pub(crate) struct Memory {
    verdicts: Answers<Arc<Verdict>>,
    tokens: Answers<Arc<Token>>,
    issuers: Issuers,
    keys: KeyCache,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            verdicts: Answers::default(),
            tokens: Answers::default(),
            issuers: Issuers::default(),
            keys: KeyCache::new(access::KEYS_REMEMBERED),
        }
    }
}

/// Lets a request in, or not.
pub(crate) async fn authorize(gateway: &Gateway, exchange: &mut Exchange) -> Result<(), GatewayResponse> {
    let way = Way::of(gateway, exchange)?;
    let method = Arc::clone(exchange.method());
    let has_policy = resource_policy::speaks(exchange);
    if matches!(method.protection, Protection::Open) && !has_policy {
        return Ok(());
    }
    let arn = exchange.arn(exchange.path());
    if arn.len() > METHOD_ARN_BYTES_MAX {
        return Err(Kind::UriTooLong.into());
    }
    let asked = Asked { arn, way };
    match &method.protection {
        Protection::Open => resource_policy::must_allow(gateway, exchange, &asked),
        Protection::Iam => iam::authorize(gateway, exchange, &asked).await,
        Protection::Authorizer(authorizer) => ask(gateway, exchange, authorizer, &asked).await,
        Protection::Broken(why) => Err(misconfigured(exchange, why)),
    }
}

/// What is to be decided.
struct Asked<'a> {
    /// The method's ARN, with the request's own method and path.
    arn: String,
    /// How the client reached the API.
    way: Way<'a>,
}

impl Asked<'_> {
    /// The circumstances that a policy's conditions ask about.
    fn describe(&self, gateway: &Gateway, exchange: &Exchange, context: &mut Context) {
        let inbound = &exchange.inbound;
        self.way.describe(exchange, context);
        context.set("aws:SecureTransport", [inbound.is_tls.to_string()]);
        context.set("aws:RequestedRegion", [exchange.plan.stage.region.as_str()]);
        if let Some(agent) = exchange.header("user-agent") {
            context.set("aws:UserAgent", [agent]);
        }
        if let Some(referer) = exchange.header("referer") {
            context.set("aws:Referer", [referer]);
        }
        context.set_time(gateway.host.clock.now_ms() / 1000);
    }
}

async fn ask(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
    asked: &Asked<'_>,
) -> Result<(), GatewayResponse> {
    match &authorizer.asks {
        Asks::Token { .. } | Asks::Request { .. } => {
            lambda::authorize(gateway, exchange, authorizer, asked).await
        }
        Asks::Jwt { .. } => {
            jwt::authorize(gateway, exchange, authorizer).await?;
            // AWS: the token lets nobody past the API's policy, which must allow for itself.
            resource_policy::must_allow(gateway, exchange, asked)
        }
    }
}

/// What a request that matches no method is told: of a signature, or of something in its place, that it cannot be read; else that there
/// is none. AWS looks at the header first, as its clients report.
pub(crate) fn unmatched(exchange: &Exchange) -> GatewayResponse {
    match sigv4::parse(&view(exchange), &Rules::for_service(iam::SERVICE)) {
        Ok(_) => Kind::MissingAuthenticationToken.into(),
        Err(error) => iam::unsigned(&error),
    }
}

/// The request as it was signed.
fn view(exchange: &Exchange) -> RequestView<'_> {
    let inbound = &exchange.inbound;
    RequestView {
        method: inbound.method.as_str(),
        path: &inbound.path,
        query: inbound.query.as_deref().unwrap_or_default(),
        headers: &inbound.headers,
        authority: Some(&inbound.host),
    }
}

/// An authorizer that cannot work.
fn misconfigured(exchange: &mut Exchange, why: &str) -> GatewayResponse {
    exchange.trail.error(|| format!("Execution failed due to configuration error: {why}"));
    Kind::AuthorizerConfigurationError.into()
}

/// A client that did not say who it is, or not in a way that is known.
fn unauthorized(exchange: &mut Exchange) -> GatewayResponse {
    exchange.trail.error(|| format!("Unauthorized request: {}", exchange.inbound.request_id));
    Kind::Unauthorized.into()
}

/// As the execution log shows what is nobody's business: the last characters, at most six and at most half.
fn masked(text: &str) -> String {
    let count = text.chars().count();
    let hidden = count - (count / 2).min(6);
    let shown: String = text.chars().skip(hidden).collect();
    "*".repeat(hidden) + &shown
}

#[cfg(test)]
mod tests;
