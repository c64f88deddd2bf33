//! The way of a request to an AWS service: authenticate, decode, validate, authorize, run, encode.
//!
//! Every answer is in the protocol of the request, and carries its id. No handler runs before authorization. What AWS does not list
//! reaches the client as a 500 with the request's id; its whole chain goes to the log.

use http::Response;
use kernel::ctx::GLOBAL_REGION;
use kernel::error::chain;
use kernel::exchange::{Inbound, OutBody};
use kernel::identity::PrincipalKind;
use kernel::{Call, Exception, Failure, Fault, Scope};
use models::Row;
use sigv4::{Family, RequestView};
use wire::{Decoded, HttpRequest, HttpResponse, Model, Protocol};

use crate::Edge;
use crate::authenticate::{Refused, Sender, authenticate};
use crate::authorize::{Style, authorize};

/// Region of requests that name none.
const DEFAULT_REGION: &str = "us-east-1";

/// Answers a request to the service of `row`.
pub(crate) async fn answer(edge: &Edge, row: &'static Row, inbound: Inbound) -> Response<OutBody> {
    let model = row.model();
    let query = inbound.query.as_deref().unwrap_or_default();
    let request = HttpRequest {
        method: &inbound.method,
        path: &inbound.path,
        query,
        headers: &inbound.headers,
        body: &inbound.body,
    };
    let protocol = wire::protocol_of(model, &request);
    let reply = Reply { model, protocol, request_id: &inbound.request_id };
    let view = RequestView {
        method: inbound.method.as_str(),
        path: &inbound.path,
        query,
        headers: &inbound.headers,
        authority: Some(&inbound.host),
    };
    let asker = (&*edge.host, &edge.keys, edge.mode);
    let sender = match authenticate(asker, &view, row, &inbound.body).await {
        Ok(sender) => sender,
        Err(Refused::Signature(error)) => return reply.unsigned(row, &error),
        Err(Refused::Failure(failure)) => return reply.failure(failure),
    };
    let decoded = match wire::decode(model, &request) {
        Ok(decoded) => decoded,
        Err(_) if sender.principal.kind == PrincipalKind::Anonymous => {
            return reply.unsigned(row, &sigv4::Error::MissingToken);
        }
        Err(rejection) => {
            return reply.wire(wire::encode_error(
                model,
                rejection.protocol,
                &rejection.exception(),
                &inbound.request_id,
            ));
        }
    };
    if sender.principal.kind == PrincipalKind::Anonymous && !decoded.operation.is_unsigned {
        return reply.unsigned(row, &sigv4::Error::MissingToken);
    }
    let operation = decoded.operation;
    match run(edge, row, decoded, (sender, &inbound)).await {
        Ok(output) => reply.wire(wire::encode(model, protocol, operation, &output, &inbound.request_id)),
        Err(failure) => reply.failure(failure),
    }
}

/// Validates, authorizes and runs.
async fn run(
    edge: &Edge,
    row: &Row,
    decoded: Decoded<'_>,
    (sender, inbound): (Sender, &Inbound),
) -> Result<wire::Value, Failure> {
    let name = &*decoded.operation.name;
    let missing =
        || Exception::new("NotImplemented", 501, format!("Loggia does not implement {}:{name} yet", row.id));
    let Some(endpoint) = edge.host.rooms().endpoints.get(row.id) else { return Err(missing().into()) };
    if !endpoint.operations().contains(&name) {
        return Err(missing().into());
    }
    wire::check(row.model(), &decoded).map_err(|rejection| {
        Exception::new(
            rejection.code.clone(),
            rejection.status,
            rejection.message.clone().unwrap_or_default(),
        )
    })?;
    let region = sender
        .region
        .clone()
        .unwrap_or_else(|| region_of_host(&inbound.host).unwrap_or(DEFAULT_REGION).to_owned());
    let scheme = if inbound.is_tls { "https" } else { "http" };
    let host = if inbound.host.is_empty() { "localhost" } else { &inbound.host };
    let user_agent = inbound
        .headers
        .get(http::header::USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let account = match sender.principal.account.as_str() {
        "" => edge.host.default_account.clone(),
        account => account.to_owned(),
    };
    let call = Call {
        scope: Scope {
            account,
            region: if endpoint.is_global() { GLOBAL_REGION.to_owned() } else { region.clone() },
        },
        region,
        principal: sender.principal,
        request_id: inbound.request_id.clone(),
        source_ip: inbound.peer,
        base_url: format!("{scheme}://{host}"),
        user_agent: user_agent.unwrap_or_default(),
    };
    let style = match decoded.protocol {
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => Style { code: "AccessDenied", status: 403 },
        Protocol::RestJson => Style { code: "AccessDeniedException", status: 403 },
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => {
            Style { code: "AccessDeniedException", status: 400 }
        }
    };
    authorize((&edge.host, &edge.guard), &call, &**endpoint, (name, &decoded.input), &style).await?;
    let done = endpoint.run(&edge.host, call, name, decoded.input).await;
    done.unwrap_or_else(|| Err(missing().into()))
}

/// How to answer one request.
struct Reply<'a> {
    model: &'a Model,
    protocol: Protocol,
    request_id: &'a str,
}

impl Reply<'_> {
    fn wire(&self, response: HttpResponse) -> Response<OutBody> {
        let mut out = Response::new(OutBody::Full(response.body));
        *out.status_mut() =
            http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        *out.headers_mut() = response.headers;
        out
    }

    fn exception(&self, exception: &Exception) -> Response<OutBody> {
        let error = wire::Exception {
            code: &exception.code,
            status: exception.status,
            message: Some(&exception.message),
            fields: &exception.fields,
        };
        self.wire(wire::encode_error(self.model, self.protocol, &error, self.request_id))
    }

    fn unsigned(&self, row: &Row, error: &sigv4::Error) -> Response<OutBody> {
        let family = match self.protocol {
            _ if row.id == "s3" => Family::S3,
            Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => Family::Json,
            Protocol::RestJson => Family::RestJson,
            Protocol::Ec2 => Family::Ec2,
            Protocol::Query | Protocol::RestXml => Family::Query,
        };
        let reply = error.reply(family);
        self.exception(&Exception::new(reply.code, reply.status, reply.message))
    }

    fn failure(&self, failure: Failure) -> Response<OutBody> {
        match failure {
            Failure::Exception(exception) => self.exception(&exception),
            Failure::Fault(Fault::Conflict | Fault::Internal(_)) => {
                tracing::error!(request_id = self.request_id, error = chain(&failure), "a request failed");
                let code = match self.protocol {
                    Protocol::Query | Protocol::Ec2 => "InternalFailure",
                    Protocol::RestXml => "InternalError",
                    Protocol::RestJson => "ServiceException",
                    _ => "InternalServerError",
                };
                self.exception(&Exception::new(
                    code,
                    500,
                    format!("An internal error occurred. Request id: {}", self.request_id),
                ))
            }
        }
    }
}

/// `sqs.eu-west-1.amazonaws.com`: the label that looks like a region.
fn region_of_host(host: &str) -> Option<&str> {
    let labels = host.split(':').next().unwrap_or_default().split('.');
    labels
        .filter(|label| label.split('-').count() == 3)
        .find(|label| label.ends_with(|end: char| end.is_ascii_digit()))
}
