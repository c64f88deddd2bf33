//! The event of a Lambda proxy integration, written straight into JSON.
//!
//! AWS: Lambda proxy integrations in API Gateway, input format; which headers do not reach a function, and that paths stay
//! percent-encoded, was recorded on AWS. The request's body is not in it: it travels beside the event as raw bytes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write as _;

use http::HeaderValue;
use http::header::{CONTENT_TYPE, USER_AGENT};
use kernel::functions::{Body, Payload};
use serde_json::{Map, Value};

use crate::exchange::{Authorized, Exchange};
use crate::headers::is_dropped;

/// Room for an ordinary event, in bytes.
const EVENT_BYTES: usize = 4096;

/// The event and the body beside it.
pub(crate) fn proxy_event(exchange: &Exchange) -> Payload {
    let inbound = &exchange.inbound;
    let content_type = inbound.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_base64 = !inbound.body.is_empty() && exchange.plan.binary.is_binary(content_type);
    let body =
        (!inbound.body.is_empty()).then(|| match is_base64 || std::str::from_utf8(&inbound.body).is_ok() {
            true => Body { bytes: inbound.body.clone(), is_base64 },
            // A text that is not UTF-8 reaches the function with replacement characters, as on AWS.
            false => Body { bytes: String::from_utf8_lossy(&inbound.body).into_owned().into(), is_base64 },
        });
    let mut json = Json(Vec::with_capacity(EVENT_BYTES));
    json.raw("{\"resource\":").text(&exchange.method().resource_path);
    json.raw(",\"path\":").text(exchange.event_path());
    json.raw(",\"httpMethod\":").text(inbound.method.as_str());
    let headers = forwarded_headers(exchange);
    json.raw(",\"headers\":").last_values(&headers);
    json.raw(",\"multiValueHeaders\":").all_values(&headers);
    let query = exchange.query.grouped();
    json.raw(",\"queryStringParameters\":").last_values(&query);
    json.raw(",\"multiValueQueryStringParameters\":").all_values(&query);
    json.raw(",\"pathParameters\":").last_values(&exchange.parameters);
    json.raw(",\"stageVariables\":").raw(&exchange.plan.variables_json);
    request_context(&mut json, exchange);
    json.raw(",\"body\":null,\"isBase64Encoded\":").raw(if is_base64 { "true" } else { "false" }).raw("}");
    Payload { event: json.0.into(), body }
}

/// The client's headers under their original names, with those that API Gateway adds. Values of one name stand together.
pub(crate) fn forwarded_headers(exchange: &Exchange) -> Vec<(&str, Cow<'_, str>)> {
    let inbound = &exchange.inbound;
    let mut all: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(inbound.headers.len() + 5);
    for name in inbound.headers.keys().map(|name| name.as_str()) {
        let original = match name {
            "host" | "x-amzn-trace-id" | "x-forwarded-for" | "x-forwarded-port" | "x-forwarded-proto" => {
                continue;
            }
            _ if is_dropped(name) => continue,
            // Recorded on AWS: these two are written so whatever the client wrote.
            "authorization" => "Authorization",
            "user-agent" => "User-Agent",
            _ => inbound.names.original(name),
        };
        all.extend(inbound.headers.get_all(name).iter().map(|value| (original, text(value))));
    }
    for name in ["Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"] {
        all.extend(added_header(exchange, name).map(|value| (name, value)));
    }
    all
}

/// One of the headers that [`forwarded_headers`] gives, whatever its case; of several values the last.
pub(crate) fn forwarded_header<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    added_header(exchange, name).or_else(|| {
        let values = exchange.inbound.headers.get_all(name);
        let is_seen = !is_dropped(&name.to_ascii_lowercase());
        values.iter().next_back().filter(|_| is_seen).map(text)
    })
}

/// A header that API Gateway adds or completes.
fn added_header<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let inbound = &exchange.inbound;
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    Some(match () {
        () if is("Host") => exchange.domain_name.as_str().into(),
        () if is("X-Amzn-Trace-Id") => exchange.ids.trace.as_str().into(),
        () if is("X-Forwarded-For") => match inbound.headers.get("x-forwarded-for").map(text) {
            Some(via) => format!("{via}, {}", inbound.peer).into(),
            None => inbound.peer.to_string().into(),
        },
        () if is("X-Forwarded-Port") => port(exchange).into(),
        () if is("X-Forwarded-Proto") => (if inbound.is_tls { "https" } else { "http" }).into(),
        () => return None,
    })
}

/// A header's value; what is no UTF-8 becomes replacement characters.
pub(crate) fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

fn port(exchange: &Exchange) -> &str {
    let inbound = &exchange.inbound;
    let written =
        inbound.host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
    written.unwrap_or(if inbound.is_tls { "443" } else { "80" })
}

/// AWS: principal, latency and the function's own keys for a Lambda authorizer, the claims for a user pool; nothing without either.
fn authorizer(json: &mut Json, authorized: &Authorized) {
    json.raw(",\"authorizer\":{");
    match &authorized.claims {
        Some(claims) => json.raw("\"claims\":").object(claims),
        None => {
            for (name, value) in authorized.context.iter().filter(|(name, _)| *name != "principalId") {
                json.text(name).raw(":").value(value).raw(",");
            }
            json.raw("\"principalId\":").text(authorized.principal_id.as_deref().unwrap_or_default());
            json.raw(",\"integrationLatency\":").raw(itoa::Buffer::new().format(authorized.latency_ms))
        }
    };
    json.raw("}");
}

/// AWS: what authorization did not find out is null; the API key is there only if there is one.
fn identity(json: &mut Json, exchange: &Exchange) {
    let (inbound, known) = (&exchange.inbound, &exchange.identity);
    json.raw(",\"identity\":{\"cognitoIdentityPoolId\":").option(known.cognito_identity_pool_id.as_deref());
    json.raw(",\"accountId\":").option(known.account_id.as_deref());
    json.raw(",\"cognitoIdentityId\":").option(known.cognito_identity_id.as_deref());
    if let Some(key) = &known.api_key {
        json.raw(",\"apiKey\":").text(key);
    }
    if let Some(id) = &known.api_key_id {
        json.raw(",\"apiKeyId\":").text(id);
    }
    json.raw(",\"caller\":").option(known.caller.as_deref());
    json.raw(",\"sourceIp\":").shown(&inbound.peer);
    json.raw(",\"principalOrgId\":").option(known.principal_org_id.as_deref());
    json.raw(",\"accessKey\":").option(known.access_key.as_deref());
    json.raw(",\"cognitoAuthenticationType\":").option(known.cognito_authentication_type.as_deref());
    json.raw(",\"cognitoAuthenticationProvider\":").option(known.cognito_authentication_provider.as_deref());
    json.raw(",\"userArn\":").option(known.user_arn.as_deref());
    json.raw(",\"userAgent\":").option(inbound.headers.get(USER_AGENT).map(text).as_deref());
    json.raw(",\"user\":").option(known.user.as_deref()).raw("}");
}

pub(crate) fn request_context(json: &mut Json, exchange: &Exchange) {
    let (inbound, stage) = (&exchange.inbound, &exchange.plan.stage);
    json.raw(",\"requestContext\":{\"resourceId\":").text(&exchange.method().resource_id);
    if let Some(authorized) = &exchange.authorizer {
        authorizer(json, authorized);
    }
    json.raw(",\"resourcePath\":").text(&exchange.method().resource_path);
    json.raw(",\"httpMethod\":").text(inbound.method.as_str());
    json.raw(",\"extendedRequestId\":").text(&exchange.ids.extended);
    json.raw(",\"requestTime\":").text(&request_time(inbound.received_ms));
    json.raw(",\"path\":").text(&exchange.full_path);
    json.raw(",\"accountId\":").text(&stage.account);
    json.raw(",\"protocol\":").text(protocol(inbound.version));
    json.raw(",\"stage\":").text(&stage.stage_name);
    json.raw(",\"domainPrefix\":").text(exchange.domain_prefix());
    json.raw(",\"requestTimeEpoch\":").raw(itoa::Buffer::new().format(inbound.received_ms));
    json.raw(",\"requestId\":").text(&inbound.request_id);
    identity(json, exchange);
    json.raw(",\"domainName\":").text(&exchange.domain_name);
    json.raw(",\"deploymentId\":").text(&stage.deployment_id);
    json.raw(",\"apiId\":").text(&stage.api_id).raw("}");
}

/// The protocol as events name it.
pub(crate) fn protocol(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

/// CLF form, such as `04/Mar/2020:19:15:17 +0000`.
pub(crate) fn request_time(ms: i64) -> String {
    thread_local!(static LAST: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) });
    LAST.with_borrow_mut(|(second, text)| {
        // Many requests come within the same second.
        if *second != ms.div_euclid(1000) {
            let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
            *text = moment.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
            *second = ms.div_euclid(1000);
        }
        text.clone()
    })
}

/// JSON being written. Numbers and literals are written raw, texts escaped.
pub(crate) struct Json(pub(crate) Vec<u8>);

impl Json {
    pub(crate) fn raw(&mut self, json: &str) -> &mut Json {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Json {
        // Most texts need no escape; that is found out many bytes at a time.
        if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
            return self;
        }
        serde_json::to_writer(&mut self.0, text).expect("a text can be written to memory");
        self
    }

    /// A text, or `null`.
    fn option(&mut self, text: Option<&str>) -> &mut Json {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    fn object(&mut self, object: &Map<String, Value>) -> &mut Json {
        serde_json::to_writer(&mut self.0, object).expect("JSON can be written to memory");
        self
    }

    fn value(&mut self, value: &Value) -> &mut Json {
        serde_json::to_writer(&mut self.0, value).expect("JSON can be written to memory");
        self
    }

    /// What shows itself without anything to escape.
    pub(crate) fn shown(&mut self, value: &dyn std::fmt::Display) -> &mut Json {
        write!(self.0, "\"{value}\"").expect("a text can be written to memory");
        self
    }

    /// Each name once with its last value; `null` without any. Pairs of one name stand together.
    pub(crate) fn last_values<N: AsRef<str> + PartialEq, V: AsRef<str>>(&mut self, pairs: &[(N, V)]) {
        self.grouped(pairs, |json, group| {
            json.text(group.last().map_or("", |(_, value)| value.as_ref()));
        });
    }

    /// Each name once with the list of its values; `null` without any. Pairs of one name stand together.
    pub(crate) fn all_values<N: AsRef<str> + PartialEq, V: AsRef<str>>(&mut self, pairs: &[(N, V)]) {
        self.grouped(pairs, |json, group| {
            for (at, (_, value)) in group.iter().enumerate() {
                json.raw(if at > 0 { "," } else { "[" }).text(value.as_ref());
            }
            json.raw("]");
        });
    }

    fn grouped<N: AsRef<str> + PartialEq, V>(
        &mut self,
        pairs: &[(N, V)],
        write: impl Fn(&mut Json, &[(N, V)]),
    ) {
        if pairs.is_empty() {
            self.raw("null");
            return;
        }
        for (at, group) in pairs.chunk_by(|(one, _), (other, _)| one == other).enumerate() {
            self.raw(if at > 0 { "," } else { "{" }).text(group[0].0.as_ref()).raw(":");
            write(self, group);
        }
        self.raw("}");
    }
}

#[cfg(test)]
pub(crate) mod tests;
