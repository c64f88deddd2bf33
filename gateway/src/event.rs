//! The event of a Lambda proxy integration, written straight into JSON.
//!
//! AWS: Lambda proxy integrations in API Gateway, input format; which headers do not reach a function, and that paths stay
//! percent-encoded, was recorded on AWS. The request's body is not in it: it travels beside the event as raw bytes.

use http::HeaderMap;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderName, SERVER, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE, WWW_AUTHENTICATE,
};
use kernel::functions::{Body, Payload};

use crate::exchange::{Exchange, Target};

/// Headers that never reach an integration (recorded on AWS).
const DROPPED: [HeaderName; 9] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, SERVER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, WWW_AUTHENTICATE];

/// True for a header that integrations do not see.
fn is_dropped(name: &HeaderName) -> bool {
    DROPPED.contains(name)
        || matches!(
            name.as_str(),
            "content-md5" | "max-forwards" | "proxy-authenticate" | "keep-alive" | "proxy-connection"
        )
}

/// The event and the body beside it.
pub(crate) fn proxy_event(exchange: &Exchange, target: &Target) -> Payload {
    let inbound = &exchange.inbound;
    let content_type = inbound.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_base64 = !inbound.body.is_empty() && exchange.plan.binary.is_binary(content_type);
    let body =
        (!inbound.body.is_empty()).then(|| match is_base64 || std::str::from_utf8(&inbound.body).is_ok() {
            true => Body { bytes: inbound.body.clone(), is_base64 },
            // A text that is not UTF-8 reaches the function with replacement characters, as on AWS.
            false => Body { bytes: String::from_utf8_lossy(&inbound.body).into_owned().into(), is_base64 },
        });
    let mut json = Json(Vec::with_capacity(2048));
    json.raw("{\"resource\":").text(&target.method.resource_path);
    json.raw(",\"path\":").text(&exchange.path);
    json.raw(",\"httpMethod\":").text(inbound.method.as_str());
    headers(&mut json, exchange);
    query(&mut json, exchange);
    json.raw(",\"pathParameters\":");
    match target.parameters.is_empty() {
        true => drop(json.raw("null")),
        false => json.object(target.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
    }
    json.raw(",\"stageVariables\":").raw(&exchange.plan.variables_json);
    request_context(&mut json, exchange, target);
    json.raw(",\"body\":null,\"isBase64Encoded\":").raw(if is_base64 { "true" } else { "false" }).raw("}");
    Payload { event: json.0.into(), body }
}

fn headers(json: &mut Json, exchange: &Exchange) {
    let all = forwarded_headers(exchange);
    json.raw(",\"headers\":");
    // AWS: `headers` holds one value of each name, the last.
    json.object(all.iter().map(|(name, values)| (name.as_str(), values.last().map_or("", String::as_str))));
    json.raw(",\"multiValueHeaders\":");
    json.lists(all.iter().map(|(name, values)| (name.as_str(), values.iter().map(String::as_str))));
}

/// The client's headers under their original names, with those that API Gateway adds.
pub(crate) fn forwarded_headers(exchange: &Exchange) -> Vec<(String, Vec<String>)> {
    let inbound = &exchange.inbound;
    let text = |headers: &HeaderMap, name: &HeaderName| -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    };
    let is_ours = |name: &str| {
        matches!(
            name,
            "host" | "x-amzn-trace-id" | "x-forwarded-for" | "x-forwarded-port" | "x-forwarded-proto"
        )
    };
    let mut all: Vec<(String, Vec<String>)> = Vec::with_capacity(inbound.headers.keys_len() + 5);
    for name in inbound.headers.keys().filter(|name| !is_dropped(name) && !is_ours(name.as_str())) {
        let original = match name.as_str() {
            // Recorded on AWS: these two are written so whatever the client wrote.
            "authorization" => "Authorization",
            "user-agent" => "User-Agent",
            lower => inbound.names.original(lower),
        };
        all.push((original.to_owned(), text(&inbound.headers, name)));
    }
    let peer = inbound.peer.to_string();
    let via = inbound.headers.get("x-forwarded-for").map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut add = |name: &str, value: String| all.push((name.to_owned(), vec![value]));
    add("Host", exchange.domain_name.clone());
    add("X-Amzn-Trace-Id", exchange.ids.trace.clone());
    add("X-Forwarded-For", via.map_or_else(|| peer.clone(), |via| format!("{via}, {peer}")));
    add("X-Forwarded-Port", port(exchange));
    add("X-Forwarded-Proto", (if inbound.is_tls { "https" } else { "http" }).to_owned());
    all
}

fn port(exchange: &Exchange) -> String {
    let inbound = &exchange.inbound;
    let written =
        inbound.host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
    written.unwrap_or(if inbound.is_tls { "443" } else { "80" }).to_owned()
}

fn query(json: &mut Json, exchange: &Exchange) {
    let grouped = exchange.query.grouped();
    if grouped.is_empty() {
        json.raw(",\"queryStringParameters\":null,\"multiValueQueryStringParameters\":null");
        return;
    }
    json.raw(",\"queryStringParameters\":");
    json.object(grouped.iter().map(|(name, values)| (*name, values.last().copied().unwrap_or_default())));
    json.raw(",\"multiValueQueryStringParameters\":");
    json.lists(grouped.iter().map(|(name, values)| (*name, values.iter().copied())));
}

fn request_context(json: &mut Json, exchange: &Exchange, target: &Target) {
    let (inbound, stage) = (&exchange.inbound, &exchange.plan.stage);
    let user_agent =
        inbound.headers.get(http::header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    json.raw(",\"requestContext\":{\"resourceId\":").text(&target.method.resource_id);
    json.raw(",\"resourcePath\":").text(&target.method.resource_path);
    json.raw(",\"httpMethod\":").text(inbound.method.as_str());
    json.raw(",\"extendedRequestId\":").text(&exchange.ids.extended);
    json.raw(",\"requestTime\":").text(&request_time(inbound.received_ms));
    json.raw(",\"path\":").text(&exchange.full_path);
    json.raw(",\"accountId\":").text(&stage.account);
    json.raw(",\"protocol\":").text(protocol(inbound.version));
    json.raw(",\"stage\":").text(&stage.stage_name);
    json.raw(",\"domainPrefix\":").text(exchange.domain_name.split('.').next().unwrap_or_default());
    json.raw(",\"requestTimeEpoch\":").raw(itoa::Buffer::new().format(inbound.received_ms));
    json.raw(",\"requestId\":").text(&inbound.request_id);
    // AWS: without authorization ten keys of the identity are null.
    json.raw(",\"identity\":{\"cognitoIdentityPoolId\":null,\"accountId\":null,\"cognitoIdentityId\":null,\"caller\":null,\"sourceIp\":");
    json.text(&inbound.peer.to_string());
    json.raw(",\"principalOrgId\":null,\"accessKey\":null,\"cognitoAuthenticationType\":null,\"cognitoAuthenticationProvider\":null,\"userArn\":null,\"userAgent\":");
    match user_agent {
        Some(user_agent) => json.text(&user_agent),
        None => json.raw("null"),
    };
    json.raw(",\"user\":null},\"domainName\":").text(&exchange.domain_name);
    json.raw(",\"deploymentId\":").text(&stage.deployment_id);
    json.raw(",\"apiId\":").text(&stage.api_id).raw("}");
}

fn protocol(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

/// CLF form, such as `04/Mar/2020:19:15:17 +0000`.
pub(crate) fn request_time(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    moment.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// JSON being written. Numbers and literals are written raw, texts escaped.
struct Json(Vec<u8>);

impl Json {
    fn raw(&mut self, json: &str) -> &mut Json {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Json {
        serde_json::to_writer(&mut self.0, text).expect("a text can be written to memory");
        self
    }

    fn object<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        self.raw("{");
        for (at, (name, value)) in pairs.enumerate() {
            self.raw(if at > 0 { "," } else { "" }).text(name).raw(":").text(value);
        }
        self.raw("}");
    }

    fn lists<'a, V: Iterator<Item = &'a str>>(&mut self, pairs: impl Iterator<Item = (&'a str, V)>) {
        self.raw("{");
        for (at, (name, values)) in pairs.enumerate() {
            self.raw(if at > 0 { "," } else { "" }).text(name).raw(":[");
            for (at, value) in values.enumerate() {
                self.raw(if at > 0 { "," } else { "" }).text(value);
            }
            self.raw("]");
        }
        self.raw("}");
    }
}
