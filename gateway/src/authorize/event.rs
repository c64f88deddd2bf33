//! What a Lambda authorizer is told of a request.
//!
//! AWS: Input to an API Gateway Lambda authorizer. The fields and their order are those of an event that AWS was seen to send; unlike a
//! proxy integration's event, maps without members are empty rather than null, and there is no body.

use crate::event::{Json, forwarded_headers, request_context};
use crate::exchange::Exchange;

/// The event of a `TOKEN` authorizer.
pub(crate) fn token(arn: &str, token: &str) -> Vec<u8> {
    let mut json = Json(Vec::with_capacity(token.len() + arn.len() + 64));
    json.raw("{\"type\":\"TOKEN\",\"methodArn\":").text(arn);
    json.raw(",\"authorizationToken\":").text(token).raw("}");
    json.0
}

/// The event of a `REQUEST` authorizer.
pub(crate) fn request(exchange: &Exchange, arn: &str) -> Vec<u8> {
    let mut json = Json(Vec::with_capacity(4096));
    json.raw("{\"type\":\"REQUEST\",\"methodArn\":").text(arn);
    json.raw(",\"resource\":").text(&exchange.method().resource_path);
    json.raw(",\"path\":").text(exchange.event_path());
    json.raw(",\"httpMethod\":").text(exchange.inbound.method.as_str());
    let headers = forwarded_headers(exchange);
    json.raw(",\"headers\":").last_values(&headers);
    json.raw(",\"multiValueHeaders\":").all_values(&headers);
    let query = exchange.query.grouped();
    json.raw(",\"queryStringParameters\":");
    or_empty(&mut json, query.is_empty(), |json| json.last_values(&query));
    json.raw(",\"multiValueQueryStringParameters\":");
    or_empty(&mut json, query.is_empty(), |json| json.all_values(&query));
    json.raw(",\"pathParameters\":");
    or_empty(&mut json, exchange.parameters.is_empty(), |json| json.last_values(&exchange.parameters));
    json.raw(",\"stageVariables\":");
    or_empty(&mut json, exchange.plan.stage.variables.is_empty(), |json| {
        json.raw(&exchange.plan.variables_json);
    });
    request_context(&mut json, exchange);
    json.raw("}");
    json.0
}

fn or_empty(json: &mut Json, is_empty: bool, write: impl FnOnce(&mut Json)) {
    if is_empty {
        json.raw("{}");
    } else {
        write(json);
    }
}

#[cfg(test)]
mod tests;
