//! `AWS_IAM`: the request is signed for `execute-api`, the signature is right, and the caller's policies and the API's let it through.
//!
//! Signatures stand in the `Authorization` header or in the query. How unknown keys are taken is configuration; everything else is always
//! real. What is found out goes into the identity of the request. Known difference from AWS: `principalOrgId` and the Cognito fields stay
//! empty.
//!
//! AWS: Control access to a REST API with IAM permissions; Identity-based policy for invoking an API.

use access::{Denied, Refused, Target};
use kernel::identity::Principal;
use sigv4::{Error, Family, Rules, Terms};

use crate::Gateway;
use crate::authorize::resource_policy::{self, Way, masked_account};
use crate::authorize::{ACTION, Asked, view};
use crate::exchange::{Exchange, Identity};
use crate::response::{GatewayResponse, Kind};

/// The name that requests to deployed APIs are signed for.
pub(crate) const SERVICE: &str = "execute-api";

/// Lets a signed request in if its caller may.
pub(crate) async fn authorize(
    gateway: &Gateway,
    exchange: &mut Exchange,
    asked: &Asked<'_>,
) -> Result<(), GatewayResponse> {
    let principal = authenticate(gateway, exchange).await?;
    exchange.identity = identity(&principal, std::mem::take(&mut exchange.identity));
    // AWS: a private API without a policy denies everything.
    if resource_policy::policy(exchange)?.is_none() && matches!(asked.way, Way::Endpoint(_)) {
        return resource_policy::must_allow(gateway, exchange, asked);
    }
    let target =
        Target { owner: Some(&exchange.plan.stage.account), policy: resource_policy::policy(exchange)? };
    let resources = std::slice::from_ref(&asked.arn);
    let decided = gateway
        .guard
        .check_owned(&gateway.host, &principal, (ACTION, resources), &target, |context| {
            asked.describe(gateway, exchange, context);
        })
        .await;
    match decided {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Denied(text))) => {
            exchange.trail.error(|| "The client is not authorized to perform this operation.");
            let text = masked_account(&text, &exchange.plan.stage.account);
            Err(GatewayResponse::saying(Kind::AccessDenied, text))
        }
        Err(failure) => Err(unasked(exchange, &failure)),
    }
}

async fn authenticate(gateway: &Gateway, exchange: &Exchange) -> Result<Principal, GatewayResponse> {
    let rules = Rules::for_service(SERVICE);
    let view = view(exchange);
    let signed = sigv4::parse(&view, &rules).map_err(|error| unsigned(&error))?;
    let signed = signed.ok_or(Kind::MissingAuthenticationToken)?;
    let terms = Terms {
        now_s: gateway.host.clock.now_ms() / 1000,
        rules: &rules,
        service: SERVICE,
        region: Some(&exchange.plan.stage.region),
    };
    let by = (&*gateway.host, &gateway.memory.keys, gateway.settings.unknown_keys);
    match access::verify(by, &signed, &view, &exchange.inbound.body, &terms).await {
        Ok(principal) => Ok(principal),
        Err(Refused::Signature(error)) => Err(unsigned(&error)),
        Err(Refused::Failure(failure)) => Err(unasked(exchange, &failure)),
    }
}

fn unasked(exchange: &Exchange, failure: &kernel::Failure) -> GatewayResponse {
    tracing::error!(api = exchange.plan.stage.api_id, %failure, "IAM could not be asked about a client of an API");
    Kind::ApiConfigurationError.into()
}

/// The answer to a signature that is not right, in AWS's words.
pub(crate) fn unsigned(error: &Error) -> GatewayResponse {
    let reply = error.reply(Family::ExecuteApi);
    let kind = match reply.code {
        "MissingAuthenticationTokenException" => Kind::MissingAuthenticationToken,
        "IncompleteSignatureException" => Kind::IncompleteSignature,
        "UnrecognizedClientException" => Kind::UnrecognizedClient,
        "ExpiredTokenException" => Kind::ExpiredToken,
        _ => Kind::InvalidSignature,
    };
    GatewayResponse::saying(kind, reply.message)
}

/// AWS: caller and user are both the principal's unique id.
fn identity(principal: &Principal, known: Identity) -> Identity {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Identity {
        account_id: text(&principal.account),
        access_key: text(&principal.access_key),
        caller: text(&principal.user_id),
        user: text(&principal.user_id),
        user_arn: text(&principal.arn),
        ..known
    }
}

#[cfg(test)]
mod tests;
