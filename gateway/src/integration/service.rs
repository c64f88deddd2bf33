//! `AWS` with a service: the mapped request becomes a request of the service's own API, which runs in process as the integration's role.
//!
//! AWS: Set up integration requests for REST APIs: `action/NAME` asks for an operation, its parameters in the query string or the body as
//! the service's protocol has them; `path/…` is the service's own path. Nothing is called that the role may not call. Services of the
//! query protocol answer in JSON unless the mapped `Accept` says otherwise, as users of AWS know it.
//!
//! Known difference from AWS: an action of a service without the query protocol takes parameters of the query string only one level deep.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use ::http::{Method, Response};
use bytes::Bytes;
use kernel::error::Failure;
use kernel::exchange::OutBody;
use kernel::identity::Principal;
use kernel::{Clock, Exception};
use models::Row;
use operate::{Asker, Reply};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use plan::{Ask, Mapping, ServiceTarget};
use serde_json::{Map, Value, json};
use wire::{Decoded, HttpRequest, HttpResponse, Protocol, Rejection};

use crate::Gateway;
use crate::exchange::Exchange;
use crate::integration::credentials;
use crate::integration::http::{QUERY, join};
use crate::integration::lambda::timed_out;
use crate::request_mapping::{self, IntegrationRequest, failed};
use crate::response::GatewayResponse;
use crate::value::EndpointAnswer;
use crate::{response_mapping, shown};

/// A request of a service's API.
struct Ready {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    /// The operation and its flat parameters, where no protocol of the service carries them.
    flat: Option<(String, Vec<(String, String)>)>,
}

/// Calls a service and maps its answer.
pub(crate) async fn call(
    gateway: &Gateway,
    exchange: &mut Exchange,
    target: &ServiceTarget,
    mapping: &Mapping,
) -> Result<Response<OutBody>, GatewayResponse> {
    let mapped = request_mapping::map(exchange, mapping)?;
    let rooms = gateway.host.rooms();
    let row = row(&target.service).filter(|row| rooms.endpoints.get(row.id).is_some());
    let Some(row) = row else {
        return Err(failed(exchange, format_args!("AWS service of type {} not supported", target.service)));
    };
    let caller = match target.credentials.as_deref() {
        Some(role) => credentials::principal(gateway, exchange, role).await?,
        None => Principal::anonymous(),
    };
    let ready = ready(exchange, row, target, mapped);
    note_request(exchange, target, &ready);
    let clock: &dyn Clock = &*gateway.host.clock;
    let started = clock.monotonic();
    let timeout = clock.sleep(Duration::from_millis(exchange.method().timeout_ms));
    let asker = Asker {
        principal: caller,
        region: target.region.clone(),
        request_id: gateway.host.entropy.uuid(),
        // AWS: services see API Gateway's address, not the client's.
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        base_url: format!("http://127.0.0.1:{}", gateway.host.port.get().copied().unwrap_or_default()),
        user_agent: format!("AmazonAPIGateway_{}", exchange.plan.stage.api_id),
    };
    exchange.integration.request_id = Some(asker.request_id.clone());
    let answered = tokio::select! {
        answered = answer(gateway, row, &ready, asker) => answered,
        () = timeout => return Err(timed_out(exchange)),
    };
    exchange.integration.latency = Some(clock.monotonic().saturating_sub(started));
    let HttpResponse { status, headers, body } = answered;
    let answer = EndpointAnswer { status, headers, body };
    note_answer(exchange, &answer);
    let mut response = response_mapping::map(exchange, mapping, &answer, &status.to_string())?;
    if let Ok(trace) = HeaderValue::from_str(&exchange.ids.trace) {
        response.headers_mut().entry("x-amzn-trace-id").or_insert(trace);
    }
    Ok(response)
}

/// The service that a URI names: by its host name's label, mostly.
fn row(service: &str) -> Option<&'static Row> {
    let by = |is: fn(&Row, &str) -> bool| models::MODELS.iter().find(|row| is(row, service));
    by(|row, service| row.id == service)
        .or_else(|| by(|row, service| row.host_label == service))
        .or_else(|| by(|row, service| row.signing_name == service))
}

fn ready(exchange: &Exchange, row: &Row, target: &ServiceTarget, mapped: IntegrationRequest) -> Ready {
    let method = match target.method.as_str() {
        "ANY" => exchange.inbound.method.clone(),
        method => Method::from_bytes(method.as_bytes()).unwrap_or(Method::POST),
    };
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(given) = exchange.inbound.headers.get(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, given.clone());
    }
    for (name, value) in &mapped.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            headers.insert(name, value);
        }
    }
    let mut ready =
        Ready { method, path: "/".to_owned(), query: String::new(), headers, body: Bytes::new(), flat: None };
    match &target.ask {
        Ask::Path(pieces) => {
            let path = join(exchange, pieces, &mapped);
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            let path = path.strip_prefix('/').unwrap_or(path);
            ready.path = match target.subdomain.as_deref().filter(|_| row.id == "s3") {
                Some(bucket) => format!("/{bucket}/{path}"),
                None => format!("/{path}"),
            };
            ready.query = query.to_owned();
            add_query(&mut ready.query, &mapped.query);
            ready.body = mapped.body;
        }
        Ask::Action(pieces) => {
            let action = join(exchange, pieces, &mapped);
            let mut parts = action.split('&');
            let name = parts.next().unwrap_or_default().to_owned();
            let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let written = parts.filter_map(|pair| pair.split_once('='));
            let written = written.map(|(name, value)| (decode(name), decode(value)));
            let parameters: Vec<(String, String)> = written.chain(mapped.query).collect();
            ask_for(row, &mut ready, name, (parameters, mapped.body));
        }
    }
    ready
}

/// Asks for an operation as the service's protocol has it.
fn ask_for(row: &Row, ready: &mut Ready, action: String, (parameters, body): (Vec<(String, String)>, Bytes)) {
    let model = row.model();
    let json =
        model.protocols().iter().find(|protocol| matches!(protocol, Protocol::Json10 | Protocol::Json11));
    let speaks_query = model.protocols().contains(&Protocol::Query);
    let has_json = body.trim_ascii().starts_with(b"{");
    ready.method = Method::POST;
    match (json, row.target_prefix) {
        (Some(protocol), Some(prefix)) if has_json || (!speaks_query && parameters.is_empty()) => {
            if let Ok(target) = HeaderValue::from_str(&format!("{prefix}.{action}")) {
                ready.headers.entry("x-amz-target").or_insert(target);
            }
            let media = match protocol {
                Protocol::Json10 => "application/x-amz-json-1.0",
                _ => "application/x-amz-json-1.1",
            };
            ready.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
            ready.body = if has_json { body } else { Bytes::from_static(b"{}") };
        }
        _ if speaks_query => {
            ready.query = format!("Action={action}");
            if !parameters.iter().any(|(name, _)| name == "Version") {
                add_query(
                    &mut ready.query,
                    &[("Version".to_owned(), model.metadata.api_version.to_string())],
                );
            }
            add_query(&mut ready.query, &parameters);
            // A body that is no form would be taken for a parameter.
            let is_form = ready
                .headers
                .get(CONTENT_TYPE)
                .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
            if is_form {
                ready.body = body;
            }
        }
        _ => {
            add_query(&mut ready.query, &parameters);
            ready.flat = Some((action, parameters));
            ready.body = body;
        }
    }
}

fn add_query(query: &mut String, pairs: &[(String, String)]) {
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, QUERY));
        query.push('=');
        query.extend(utf8_percent_encode(value, QUERY));
    }
}

/// Decodes, authorizes, runs and encodes.
async fn answer(gateway: &Gateway, row: &'static Row, ready: &Ready, asker: Asker) -> HttpResponse {
    let model = row.model();
    let request = HttpRequest {
        method: &ready.method,
        path: &ready.path,
        query: &ready.query,
        headers: &ready.headers,
        body: &ready.body,
    };
    let request_id = asker.request_id.clone();
    let decoded = match &ready.flat {
        None => wire::decode(model, &request),
        Some((action, parameters)) => flat(row, action, parameters, &ready.body),
    };
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(rejection) => {
            return wire::encode_error(model, rejection.protocol, &rejection.exception(), &request_id);
        }
    };
    let reply = Reply { model, protocol: decoded.protocol, request_id: &request_id };
    let operation = decoded.operation;
    let is_anonymous = asker.principal == Principal::anonymous();
    let done = match is_anonymous && !operation.is_unsigned {
        true => Err(Failure::from(Exception::new(
            "MissingAuthenticationToken",
            403,
            "Request is missing Authentication Token",
        ))),
        false => operate::run((&gateway.host, &gateway.guard), row, decoded, asker).await,
    };
    let wants_json = ready.headers.get(ACCEPT).is_some_and(|accept| accept == "application/json");
    match (reply.protocol, done) {
        (Protocol::Query, Ok(output)) if wants_json => {
            let shape = operation.output.map(|schema| wire::params::to_json(model, schema, &output));
            let mut members = Map::new();
            if let Some(result) = shape {
                members.insert(format!("{}Result", operation.name), result);
            }
            members.insert("ResponseMetadata".to_owned(), json!({ "RequestId": request_id }));
            sent(200, json!({ (format!("{}Response", operation.name)): members }), &request_id)
        }
        (Protocol::Query, Err(failure)) if wants_json => {
            let Exception { code, status, message, .. } = reply.told(&failure);
            let kind = if status < 500 { "Sender" } else { "Receiver" };
            let error = json!({ "Type": kind, "Code": code, "Message": message });
            sent(status, json!({ "Error": error, "RequestId": request_id }), &request_id)
        }
        (_, Ok(output)) => reply.output(operation, &output),
        (_, Err(failure)) => reply.failure(&failure),
    }
}

fn sent(status: u16, body: Value, request_id: &str) -> HttpResponse {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    HttpResponse { status, headers, body: body.to_string().into() }
}

/// An operation by its name, with flat parameters and those of a JSON body.
fn flat(
    row: &'static Row,
    action: &str,
    parameters: &[(String, String)],
    body: &Bytes,
) -> Result<Decoded<'static>, Rejection> {
    let model = row.model();
    let protocol = model.protocols().first().copied().unwrap_or(Protocol::Json10);
    let rejected = |code: &'static str, message: String| Rejection {
        protocol,
        operation: None,
        code: code.into(),
        status: 400,
        message: Some(message),
    };
    let Some(operation) = model.operation(action) else {
        return Err(rejected("UnknownOperationException", format!("{action} is no operation of {}", row.id)));
    };
    let Some(schema) = operation.input else {
        return Ok(Decoded { protocol, operation, input: wire::Value::empty() });
    };
    let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let with = |value: fn(&str) -> Value| {
        let mut members = body.clone();
        members.extend(parameters.iter().map(|(name, text)| (name.clone(), value(text))));
        wire::params::from_json(model, schema, Value::Object(members))
    };
    // A number or a flag is written in the query as a text is; the model tells which it is.
    let input = with(|text| Value::String(text.to_owned())).or_else(|_| {
        with(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
    });
    let input = input.map_err(|error| rejected("SerializationException", error.to_string()))?;
    Ok(Decoded { protocol, operation, input })
}

fn note_request(exchange: &mut Exchange, target: &ServiceTarget, ready: &Ready) {
    let uri = || {
        let subdomain = target.subdomain.as_ref().map(|label| format!("{label}.")).unwrap_or_default();
        let query = if ready.query.is_empty() { String::new() } else { format!("?{}", ready.query) };
        format!("https://{subdomain}{}.{}.amazonaws.com{}{query}", target.service, target.region, ready.path)
    };
    exchange.trail.line(|| format!("Endpoint request URI: {}", uri()));
    exchange.trail.data(|| format!("Endpoint request headers: {}", shown::headers(&ready.headers)));
    exchange.trail.data(|| {
        format!("Endpoint request body after transformations: {}", String::from_utf8_lossy(&ready.body))
    });
    exchange.trail.line(|| format!("Sending request to {}", uri()));
}

fn note_answer(exchange: &mut Exchange, answer: &EndpointAnswer) {
    let latency = exchange.integration.latency.unwrap_or_default().as_millis();
    let status = answer.status;
    exchange.integration.status = Some(status);
    exchange.trail.line(|| format!("Received response. Status: {status}, Integration latency: {latency} ms"));
    exchange.trail.data(|| format!("Endpoint response headers: {}", shown::headers(&answer.headers)));
    exchange.trail.data(|| {
        format!("Endpoint response body before transformations: {}", String::from_utf8_lossy(&answer.body))
    });
}
