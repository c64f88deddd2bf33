//! The API's own policy, and how it goes together with what protects the method.
//!
//! AWS: How API Gateway resource policies affect authorization workflow; Private REST APIs. Without authorization the policy must allow;
//! with IAM the caller's policies and it are weighed together, by account; with a Lambda authorizer its denials come first, and then
//! either may allow; with a user pool it must allow for itself. A policy that cannot be read lets nobody in.
//!
//! A private API is reached only through an endpoint that the configuration knows, and such an endpoint only by its clients' addresses.

use plan::ApiPolicy;
use policy::{Context, Outcome, Policies, Policy, Principal, Request, evaluate};

use crate::Gateway;
use crate::authorize::{ACTION, Asked};
use crate::exchange::Exchange;
use crate::response::{GatewayResponse, Kind};
use crate::settings::VpcEndpoint;

/// How a client reached the API.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'a> {
    /// As everybody.
    Open,
    /// Through an interface endpoint.
    Endpoint(&'a VpcEndpoint),
}

impl<'a> Way<'a> {
    /// How this client did, if that way leads to this API at all.
    pub(crate) fn of(gateway: &'a Gateway, exchange: &Exchange) -> Result<Way<'a>, GatewayResponse> {
        let named = endpoint_in_host(&exchange.inbound.host);
        if exchange.plan.stage.endpoint_type != "PRIVATE" {
            return if named.is_none() { Ok(Way::Open) } else { Err(Kind::Forbidden.into()) };
        }
        let endpoint = gateway.settings.endpoint_of(exchange.inbound.peer, named);
        endpoint.map(Way::Endpoint).ok_or_else(|| Kind::Forbidden.into())
    }

    pub(crate) fn describe(&self, exchange: &Exchange, context: &mut Context) {
        let peer = exchange.inbound.peer.to_string();
        match self {
            Way::Open => context.set("aws:SourceIp", [peer]),
            // AWS: with an endpoint, the address is a private one of the VPC and goes by another name.
            Way::Endpoint(endpoint) => {
                context.set("aws:VpcSourceIp", [peer]);
                context.set("aws:SourceVpce", [endpoint.id.as_str()]);
                context.set("aws:SourceVpc", [endpoint.vpc_id.as_str()]);
            }
        }
    }
}

/// AWS: `{api}-{endpoint}.execute-api.…` names the endpoint after the API.
fn endpoint_in_host(host: &str) -> Option<&str> {
    let (label, rest) = host.split_once('.')?;
    let at = label.find("-vpce-").filter(|_| rest.starts_with("execute-api"))?;
    Some(&label[at + 1..])
}

/// Whether there is a policy to ask, or one is missing that must be there.
pub(crate) fn speaks(exchange: &Exchange) -> bool {
    !matches!(exchange.plan.policy, ApiPolicy::None) || exchange.plan.stage.endpoint_type == "PRIVATE"
}

/// The policy, for whoever weighs it with others.
pub(crate) fn policy(exchange: &Exchange) -> Result<Option<&Policy>, GatewayResponse> {
    match &exchange.plan.policy {
        ApiPolicy::None => Ok(None),
        ApiPolicy::Policy(policy) => Ok(Some(policy)),
        ApiPolicy::Broken(why) => {
            tracing::warn!(
                api = exchange.plan.stage.api_id,
                why,
                "a resource policy cannot be read and lets nobody in"
            );
            Err(denied(exchange, &exchange.arn(exchange.path()), Outcome::ImplicitDeny))
        }
    }
}

/// What the policy says to a client that IAM knows nothing of. `None`: there is no policy.
pub(crate) fn outcome(
    gateway: &Gateway,
    exchange: &Exchange,
    asked: &Asked<'_>,
) -> Result<Option<Outcome>, GatewayResponse> {
    let Some(policy) = policy(exchange)? else {
        // AWS: a private API without a policy denies everything.
        let is_private = matches!(asked.way, Way::Endpoint(_));
        return Ok(is_private.then_some(Outcome::ImplicitDeny));
    };
    let mut request = Request::new(Principal::Anonymous, ACTION, asked.arn.as_str());
    request.resource_account = Some(exchange.plan.stage.account.clone());
    asked.describe(gateway, exchange, &mut request.context);
    let policies = Policies { resource: Some(policy), ..Policies::default() };
    Ok(Some(evaluate(&request, &policies).outcome))
}

/// Lets a request in if the policy allows it by itself, or if there is none.
pub(crate) fn must_allow(
    gateway: &Gateway,
    exchange: &mut Exchange,
    asked: &Asked<'_>,
) -> Result<(), GatewayResponse> {
    match outcome(gateway, exchange, asked)? {
        None | Some(Outcome::Allow) => Ok(()),
        Some(outcome) => {
            exchange.trail.error(|| "The client is not authorized to perform this operation.");
            Err(denied(exchange, &asked.arn, outcome))
        }
    }
}

/// AWS, table A: what an authorizer's policy and the API's come to within the account.
pub(crate) fn together(own: Outcome, policy: Option<Outcome>) -> Outcome {
    match (own, policy.unwrap_or(Outcome::ImplicitDeny)) {
        (Outcome::ExplicitDeny, _) | (_, Outcome::ExplicitDeny) => Outcome::ExplicitDeny,
        (Outcome::Allow, _) | (_, Outcome::Allow) => Outcome::Allow,
        _ => Outcome::ImplicitDeny,
    }
}

/// The refusal of a client that IAM knows nothing of.
pub(crate) fn denied(exchange: &Exchange, arn: &str, outcome: Outcome) -> GatewayResponse {
    let reason = match outcome {
        Outcome::ExplicitDeny => "with an explicit deny in a resource-based policy".to_owned(),
        _ => format!("because no resource-based policy allows the {ACTION} action"),
    };
    let arn = masked_account(arn, &exchange.plan.stage.account);
    GatewayResponse::saying(
        Kind::AccessDenied,
        format!("User: anonymous is not authorized to perform: {ACTION} on resource: {arn} {reason}"),
    )
}

/// AWS: of the account in the resource's ARN, the last four digits are told.
pub(crate) fn masked_account(text: &str, account: &str) -> String {
    let Some(tail) = account.get(8..12) else { return text.to_owned() };
    let masked = |rest: &str| format!("********{tail}{rest}");
    // Only in ARNs of APIs: a caller's own ARN is told whole.
    let Some(at) = text.find(":execute-api:") else { return text.to_owned() };
    match text[at..].find(account) {
        Some(found) => text[..at + found].to_owned() + &masked(&text[at + found + account.len()..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
