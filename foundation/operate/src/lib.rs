//! An operation of a service, from its decoded request to its encoded answer: validate, authorize, run, encode.
//!
//! The edge does so for clients, the data plane for `AWS` integrations. Nobody gets past the authorization: it is part of [`run`].
//! Known difference from AWS: policies of resources (a function's own policy, for instance) are not consulted here yet, so that a
//! caller needs a policy of its own.

use std::net::IpAddr;
use std::sync::Arc;

use access::{Denied, Guard};
use kernel::ctx::GLOBAL_REGION;
use kernel::error::chain;
use kernel::identity::Principal;
use kernel::service::Needs;
use kernel::{Call, Exception, Failure, Fault, Host, Scope};
use models::Row;
use wire::{Decoded, HttpResponse, Model, Operation, Protocol, Value};

/// Who asks, and how they reached us.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub principal: Principal,
    /// Region that the request is for.
    pub region: String,
    /// UUID of the request.
    pub request_id: String,
    /// Address of the real peer.
    pub source_ip: IpAddr,
    /// Base URL under which we were reached, without a final slash.
    pub base_url: String,
    /// `User-Agent`, or empty.
    pub user_agent: String,
}

/// Validates, authorizes and runs.
pub async fn run(
    (host, guard): (&Arc<Host>, &Guard),
    row: &Row,
    decoded: Decoded<'_>,
    asker: Asker,
) -> Result<Value, Failure> {
    let name = &*decoded.operation.name;
    let missing =
        || Exception::new("NotImplemented", 501, format!("Loggia does not implement {}:{name} yet", row.id));
    let Some(endpoint) = host.rooms().endpoints.get(row.id) else { return Err(missing().into()) };
    if !endpoint.operations().contains(&name) {
        return Err(missing().into());
    }
    wire::check(row.model(), &decoded).map_err(|rejection| {
        let message = rejection.message.unwrap_or_default();
        Exception::new(rejection.code, rejection.status, message)
    })?;
    let call = call(host, asker, endpoint.is_global());
    if let Some(needs) = endpoint.needs(name, &call.scope, &decoded.input) {
        authorize((host, guard), &call, &needs, decoded.protocol).await?;
    }
    let done = endpoint.run(host, call, name, decoded.input).await;
    done.unwrap_or_else(|| Err(missing().into()))
}

fn call(host: &Host, asker: Asker, is_global: bool) -> Call {
    let Asker { principal, region, request_id, source_ip, base_url, user_agent } = asker;
    let account = match principal.account.as_str() {
        "" => host.default_account.clone(),
        account => account.to_owned(),
    };
    let scope = Scope { account, region: if is_global { GLOBAL_REGION.to_owned() } else { region.clone() } };
    Call { scope, region, principal, request_id, source_ip, base_url, user_agent }
}

/// Lets the call pass, or says why not.
async fn authorize(
    (host, guard): (&Host, &Guard),
    call: &Call,
    needs: &Needs,
    protocol: Protocol,
) -> Result<(), Failure> {
    let decided = guard
        .check(host, &call.principal, (needs.action.as_str(), needs.resources.as_slice()), |context| {
            context.set("aws:SourceIp", [call.source_ip.to_string()]);
            context.set("aws:RequestedRegion", [call.region.as_str()]);
            context.set("aws:UserAgent", [call.user_agent.as_str()]);
            context.set("aws:SecureTransport", [call.base_url.starts_with("https").to_string()]);
        })
        .await?;
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => ("AccessDenied", 403),
        Protocol::RestJson => ("AccessDeniedException", 403),
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => ("AccessDeniedException", 400),
    };
    decided.map_err(|Denied(text)| Exception::new(code, status, text).into())
}

/// How to answer one request.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    /// The service's model.
    pub model: &'a Model,
    /// The request's protocol.
    pub protocol: Protocol,
    /// The request's id, which every answer carries.
    pub request_id: &'a str,
}

impl Reply<'_> {
    /// What an operation answers.
    pub fn output(&self, operation: &Operation, output: &Value) -> HttpResponse {
        wire::encode(self.model, self.protocol, operation, output, self.request_id)
    }

    /// An error that the client is meant to see.
    pub fn exception(&self, exception: &Exception) -> HttpResponse {
        let error = wire::Exception {
            code: &exception.code,
            status: exception.status,
            message: Some(&exception.message),
            fields: &exception.fields,
        };
        wire::encode_error(self.model, self.protocol, &error, self.request_id)
    }

    /// How an operation ended that did not succeed; the chain of our own faults goes to the log.
    pub fn failure(&self, failure: &Failure) -> HttpResponse {
        self.exception(&self.told(failure))
    }

    /// What a client is told of a failure.
    pub fn told(&self, failure: &Failure) -> Exception {
        match failure {
            Failure::Exception(exception) => exception.clone(),
            Failure::Fault(Fault::Conflict | Fault::Internal(_)) => {
                tracing::error!(request_id = self.request_id, error = chain(failure), "a request failed");
                let code = match self.protocol {
                    Protocol::Query | Protocol::Ec2 => "InternalFailure",
                    Protocol::RestXml => "InternalError",
                    Protocol::RestJson => "ServiceException",
                    _ => "InternalServerError",
                };
                let text = format!("An internal error occurred. Request id: {}", self.request_id);
                Exception::new(code, 500, text)
            }
        }
    }
}
