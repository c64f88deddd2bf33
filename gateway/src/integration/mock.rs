//! `MOCK`: the request template says which status the integration has, and the integration response of that status answers.
//!
//! AWS: Mock integrations for REST APIs. A template must give JSON with an integer `statusCode`; otherwise the answer is 500.

use ::http::Response;
use bytes::Bytes;
use kernel::exchange::OutBody;
use plan::{Mapping, Template};

use crate::exchange::Exchange;
use crate::request_mapping::{self, failed};
use crate::response::GatewayResponse;
use crate::response_mapping;
use crate::value::EndpointAnswer;

/// Answers for a mock.
pub(crate) fn answer(
    exchange: &mut Exchange,
    mapping: &Mapping,
) -> Result<Response<OutBody>, GatewayResponse> {
    let rendered = match request_mapping::choose(exchange, mapping)? {
        Some(Template::Text(text)) => Bytes::copy_from_slice(text.as_bytes()),
        Some(_) => request_mapping::map(exchange, mapping)?.body,
        None => exchange.inbound.body.clone(),
    };
    exchange.trail.data(|| {
        format!("Endpoint request body after transformations: {}", String::from_utf8_lossy(&rendered))
    });
    let Some(status) = std::str::from_utf8(&rendered).ok().and_then(status_of) else {
        const TEXT: &str =
            "Unable to parse statusCode. It should be an integer that is defined in the request template.";
        return Err(failed(exchange, TEXT));
    };
    exchange.integration.status = Some(status);
    // AWS: what a mock's response template sees of the body is nothing.
    let answer = EndpointAnswer { status, ..EndpointAnswer::default() };
    response_mapping::map(exchange, mapping, &answer, &status.to_string())
}

/// The `statusCode` of a rendered template, which is nearly JSON: names may stand without quotes.
fn status_of(rendered: &str) -> Option<u16> {
    if let Some(status) = only_status(rendered) {
        return Some(status);
    }
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(rendered) {
        return json.get("statusCode").and_then(status_number);
    }
    let (_, after) = rendered.split_once("statusCode")?;
    let after = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim_start();
    let digits = &after[..after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len())];
    digits.parse().ok()
}

/// The ordinary form, `{"statusCode": 200}`, without making a tree of it.
fn only_status(rendered: &str) -> Option<u16> {
    let inside = rendered.trim().strip_prefix('{')?.strip_suffix('}')?;
    let value = inside.trim().strip_prefix("\"statusCode\"")?.trim_start().strip_prefix(':')?;
    value.trim().parse().ok()
}

fn status_number(value: &serde_json::Value) -> Option<u16> {
    match value {
        serde_json::Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
