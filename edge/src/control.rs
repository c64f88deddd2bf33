//! The way of a request to an AWS service: authenticate, decode, validate, authorize, run, encode.
//!
//! Every answer is in the protocol of the request, and carries its id. No handler runs before authorization. What AWS does not list
//! reaches the client as a 500 with the request's id; its whole chain goes to the log.

use access::Refused;
use http::Response;
use kernel::exchange::{Inbound, OutBody};
use kernel::identity::PrincipalKind;
use kernel::{Exception, Failure};
use models::Row;
use operate::{Asker, Reply};
use sigv4::{Family, RequestView};
use wire::{Decoded, HttpRequest, HttpResponse, Protocol};

use crate::Edge;
use crate::authenticate::{Sender, authenticate};
use crate::unpack;

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
        Err(Refused::Signature(error)) => return unsigned(&reply, row, &error),
        Err(Refused::Failure(failure)) => return sent(reply.failure(&failure)),
    };
    // The signature is over what was sent, the model over what it unpacks to.
    let unpacked = match unpack::unpack(&inbound, protocol) {
        Ok(unpacked) => unpacked,
        Err(problem) => return sent(reply.exception(&Exception::new("InvalidRequest", 400, problem))),
    };
    let request = HttpRequest { body: unpacked.as_ref().unwrap_or(&inbound.body), ..request };
    let decoded = match wire::decode(model, &request) {
        Ok(decoded) => decoded,
        Err(_) if sender.principal.kind == PrincipalKind::Anonymous => {
            return unsigned(&reply, row, &sigv4::Error::MissingToken);
        }
        Err(rejection) => {
            return sent(wire::encode_error(
                model,
                rejection.protocol,
                &rejection.exception(),
                &inbound.request_id,
            ));
        }
    };
    if sender.principal.kind == PrincipalKind::Anonymous && !decoded.operation.is_unsigned {
        return unsigned(&reply, row, &sigv4::Error::MissingToken);
    }
    let operation = decoded.operation;
    match run(edge, row, decoded, (sender, &inbound)).await {
        Ok(output) => sent(reply.output(operation, &output)),
        Err(failure) => sent(reply.failure(&failure)),
    }
}

async fn run(
    edge: &Edge,
    row: &Row,
    decoded: Decoded<'_>,
    (sender, inbound): (Sender, &Inbound),
) -> Result<wire::Value, Failure> {
    let of_host = || region_of_host(&inbound.host).unwrap_or(DEFAULT_REGION).to_owned();
    let scheme = if inbound.is_tls { "https" } else { "http" };
    let host = if inbound.host.is_empty() { "localhost" } else { &inbound.host };
    let user_agent = inbound.headers.get(http::header::USER_AGENT);
    let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let asker = Asker {
        region: sender.region.clone().unwrap_or_else(of_host),
        principal: sender.principal,
        request_id: inbound.request_id.clone(),
        source_ip: inbound.peer,
        base_url: format!("{scheme}://{host}"),
        user_agent: user_agent.unwrap_or_default(),
    };
    operate::run((&edge.host, &edge.guard), row, decoded, asker).await
}

fn sent(response: HttpResponse) -> Response<OutBody> {
    let mut out = Response::new(OutBody::Full(response.body));
    *out.status_mut() =
        http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    *out.headers_mut() = response.headers;
    out
}

fn unsigned(reply: &Reply<'_>, row: &Row, error: &sigv4::Error) -> Response<OutBody> {
    let family = match reply.protocol {
        _ if row.id == "s3" => Family::S3,
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => Family::Json,
        Protocol::RestJson => Family::RestJson,
        Protocol::Ec2 => Family::Ec2,
        Protocol::Query | Protocol::RestXml => Family::Query,
    };
    let told = error.reply(family);
    sent(reply.exception(&Exception::new(told.code, told.status, told.message)))
}

/// `sqs.eu-west-1.amazonaws.com`: the label that looks like a region.
fn region_of_host(host: &str) -> Option<&str> {
    let labels = host.split(':').next().unwrap_or_default().split('.');
    labels
        .filter(|label| label.split('-').count() == 3)
        .find(|label| label.ends_with(|end: char| end.is_ascii_digit()))
}
