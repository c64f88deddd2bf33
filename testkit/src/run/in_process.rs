//! Steps in process: parameters -> value -> validate -> authorize -> handler -> answer. No bytes, no sockets, no real time.

use std::net::{IpAddr, Ipv4Addr};

use access::Denied;
use edge::route::{Directory, Facts, Route, route};
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use kernel::error::chain;
use kernel::exchange::{HeaderNames, Inbound, OutBody};
use kernel::identity::Principal;
use kernel::service::Needs;
use kernel::{Call, Exception, Failure};
use serde_json::Value as Json;
use wire::{Decoded, Model, Protocol};

use super::http::{HttpRequest, answer};
use super::{Credentials, Driver, Outcome, Refusal, Request};
use crate::behaviour::Behaviour;
use crate::cloud::{ACCOUNT, Cloud};

impl Driver for Cloud {
    async fn call(&mut self, request: Request) -> Outcome {
        let called = call(self, request);
        match self.finish(called).await {
            Some(outcome) => outcome,
            None => Outcome::Broken("the call never ends".to_owned()),
        }
    }

    async fn http(&mut self, request: HttpRequest) -> Outcome {
        let inbound = match inbound(self, &request) {
            Ok(inbound) => inbound,
            Err(problem) => return Outcome::Broken(problem),
        };
        let address = match address(&request) {
            Ok(address) => Some(address),
            Err(_) if self.gateway.is_domain(&request.host).await => None,
            Err(problem) => return Outcome::Broken(problem),
        };
        let served = async {
            let answered = match address {
                Some(address) => self.gateway.execute(address, inbound).await,
                None => self.gateway.execute_domain(inbound).await,
            };
            let (parts, body) = answered.into_parts();
            let body = match body {
                OutBody::Full(bytes) => bytes.to_vec(),
                OutBody::Stream(stream) => {
                    stream
                        .try_fold(Vec::new(), |all, part| async move { Ok([all, part.to_vec()].concat()) })
                        .await?
                }
            };
            Ok::<_, std::io::Error>((parts, body))
        };
        match self.finish(served).await {
            None => Outcome::Broken("the request never ends".to_owned()),
            Some(Err(error)) => Outcome::Broken(format!("the answer broke off: {error}")),
            Some(Ok((parts, body))) => {
                let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
                let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
                Outcome::Answered(answer(parts.status.as_u16(), headers, &body))
            }
        }
    }

    async fn advance(&mut self, ms: u64) -> Outcome {
        Cloud::advance(self, std::time::Duration::from_millis(ms)).await;
        Outcome::Answered(Json::Null)
    }

    fn now_s(&self) -> i64 {
        self.host.clock.now_ms() / 1000
    }

    fn behave(&mut self, name: &str, behaviour: &Behaviour) {
        self.compute.set(name, behaviour.clone());
    }

    async fn settle(&mut self) {
        Cloud::settle(self).await;
    }
}

async fn call(cloud: &Cloud, request: Request) -> Outcome {
    let model = models::get(&request.service).map(models::Row::model);
    match run(cloud, request).await {
        Ok(answer) => Outcome::Answered(answer),
        Err(Stop::Mistake(problem)) => Outcome::Broken(problem),
        Err(Stop::Failure(Failure::Exception(exception))) => {
            let Exception { code, status, message, fields } = exception;
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), plain(value)));
            Outcome::Refused(Refusal {
                code: shown_code(model, &code),
                status,
                message,
                fields: Json::Object(fields.collect()),
            })
        }
        Err(Stop::Failure(fault)) => Outcome::Broken(format!("our own fault: {}", chain(&fault))),
    }
}

/// The code that clients show: services that once spoke only the query protocol keep its codes beside their shapes' names.
fn shown_code(model: Option<&Model>, code: &str) -> String {
    let queried = model.filter(|model| model.metadata.query_compatible);
    let shape = queried.and_then(|model| model.structure(model.exception(code)?));
    let own = shape.and_then(|shape| shape.error.as_ref()?.code.as_deref());
    own.unwrap_or(code).to_owned()
}

enum Stop {
    /// The case is wrong.
    Mistake(String),
    /// The service said no, or failed.
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(failure)
    }
}

impl From<Exception> for Stop {
    fn from(exception: Exception) -> Stop {
        Stop::Failure(exception.into())
    }
}

/// What `edge/src/control.rs` does once a request is decoded.
async fn run(cloud: &Cloud, request: Request) -> Result<Json, Stop> {
    let Request { by, service, operation: name, params } = request;
    let row = models::get(&service).ok_or_else(|| Stop::Mistake(format!("there is no service {service}")))?;
    let model = row.model();
    let operation =
        model.operation(&name).ok_or_else(|| Stop::Mistake(format!("{service} has no operation {name}")))?;
    let missing =
        || Exception::new("NotImplemented", 501, format!("Loggia does not implement {service}:{name} yet"));
    let endpoint = cloud.host.rooms().endpoints.get(row.id).ok_or_else(missing)?;
    if !endpoint.operations().contains(&name.as_str()) {
        return Err(missing().into());
    }
    let input = match operation.input {
        Some(schema) => {
            let params = crate::blob::mark(model, schema, params, "base64").map_err(Stop::Mistake)?;
            wire::params::from_json(model, schema, params)
                .map_err(|error| Stop::Mistake(format!("the parameters do not fit the model: {error}")))?
        }
        None => wire::Value::empty(),
    };
    let protocol = model.protocols().first().copied().unwrap_or(Protocol::Json10);
    let decoded = Decoded { protocol, operation, input };
    wire::check(model, &decoded).map_err(|rejection| {
        Exception::new(
            rejection.code.clone(),
            rejection.status,
            rejection.message.clone().unwrap_or_default(),
        )
    })?;
    let call = cloud.call(principal(cloud, by).await?, &**endpoint);
    authorize(cloud, &call, endpoint.needs(&name, &call.scope, &decoded.input), protocol).await?;
    let output = endpoint.run(&cloud.host, call, &name, decoded.input).await.ok_or_else(missing)??;
    Ok(operation.output.map_or_else(
        || Json::Object(Default::default()),
        |schema| wire::params::to_json(model, schema, &output),
    ))
}

/// What `edge/src/authorize.rs` does.
async fn authorize(cloud: &Cloud, call: &Call, needs: Option<Needs>, protocol: Protocol) -> Result<(), Stop> {
    let Some(Needs { action, resources }) = needs else { return Ok(()) };
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => ("AccessDenied", 403),
        Protocol::RestJson => ("AccessDeniedException", 403),
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => ("AccessDeniedException", 400),
    };
    let decided = cloud.guard.check(&cloud.host, &call.principal, (&action, &resources), |context| {
        context.set("aws:SourceIp", [call.source_ip.to_string()]);
        context.set("aws:RequestedRegion", [call.region.as_str()]);
        context.set("aws:UserAgent", [call.user_agent.as_str()]);
        context.set("aws:SecureTransport", [call.base_url.starts_with("https").to_string()]);
    });
    decided.await?.map_err(|Denied(text)| Exception::new(code, status, text).into())
}

/// Whom credentials stand for, as `edge/src/authenticate.rs` finds it in `dev`.
async fn principal(cloud: &Cloud, by: Option<Credentials>) -> Result<Principal, Stop> {
    let Some(Credentials { access_key, token, .. }) = by else { return Ok(Principal::root(ACCOUNT, "test")) };
    let invalid = || {
        Exception::new("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    };
    let expired =
        || Exception::new("ExpiredToken", 403, "The security token included in the request is expired");
    let Some(found) = cloud.host.rooms().identities.find(&access_key).await? else {
        let is_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
        let account = if is_account { access_key.as_str() } else { ACCOUNT };
        return Ok(Principal::root(account, &access_key));
    };
    if !found.is_active || found.session_token.as_deref() != token.as_deref() {
        return Err(invalid().into());
    }
    if found.expires_ms.is_some_and(|end| end <= cloud.host.clock.now_ms()) {
        return Err(expired().into());
    }
    Ok(found.principal)
}

/// Which API a URL is for, by the edge's rules.
fn address(request: &HttpRequest) -> Result<kernel::exchange::ApiAddress, String> {
    match route(Facts { host: &request.host, path: &request.path, ..Facts::default() }, &Nobody) {
        Route::Execute(address) => Ok(address),
        other => Err(format!("this URL is not for a deployed API: {other:?}")),
    }
}

fn inbound(cloud: &Cloud, request: &HttpRequest) -> Result<Inbound, String> {
    let problem = |what: &str| format!("{what} cannot be sent");
    let mut headers = HeaderMap::new();
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target());
    let is_given = |name: &str| request.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut all = request.headers.clone();
    if !is_given("host") {
        all.insert(0, ("Host".to_owned(), request.host.clone()));
    }
    if !request.body.is_empty() && !is_given("content-length") {
        all.push(("Content-Length".to_owned(), request.body.len().to_string()));
    }
    for (name, value) in &all {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| problem(name))?;
        headers.append(key, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| problem(value))?);
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    Ok(Inbound {
        method: Method::from_bytes(request.method.as_bytes()).map_err(|_| problem(&request.method))?,
        is_tls: request.scheme == "https",
        host: request.host.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        version: Version::HTTP_11,
        headers,
        names: HeaderNames::of_head(head.into()),
        body: request.body.clone().into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: cloud.host.entropy.uuid(),
        received_ms: cloud.host.clock.now_ms(),
    })
}

/// Knows no services: only forms of deployed APIs are looked for.
struct Nobody;

impl Directory for Nobody {
    fn by_signing_name(&self, _: &str, _: Option<&str>) -> Option<String> {
        None
    }
    fn by_target(&self, _: &str) -> Option<String> {
        None
    }
    fn by_action(&self, _: &str) -> Option<String> {
        None
    }
    fn by_host_label(&self, _: &str) -> Option<String> {
        None
    }
    fn by_path(&self, _: &str) -> Option<String> {
        None
    }
}

/// A value that stands in no shape.
fn plain(value: wire::Value) -> Json {
    match value {
        wire::Value::Null => Json::Null,
        wire::Value::Bool(flag) => flag.into(),
        wire::Value::Int(number) | wire::Value::Timestamp(number) => number.into(),
        wire::Value::Float(number) => number.into(),
        wire::Value::String(text) => text.into(),
        wire::Value::Blob(bytes) => crate::blob::json(&bytes),
        wire::Value::List(items) => items.into_iter().map(plain).collect(),
        wire::Value::Map(pairs) => {
            Json::Object(pairs.into_iter().map(|(name, value)| (name, plain(value))).collect())
        }
    }
}
