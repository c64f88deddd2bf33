//! Whether a request is what its method asks for: required parameters, and a body that fits its model.
//!
//! AWS: Request validation for REST APIs. Parameters come before the body, and the first that is wrong ends the request. A body without a
//! content type counts as `application/json`; one that no model is for passes.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use plan::{Misfit, Required};

use crate::exchange::Exchange;
use crate::limits::VALIDATE_APART_BYTES;
use crate::response::{GatewayResponse, Kind};

/// Checks a request as its method's validator says.
pub(crate) async fn check(exchange: &mut Exchange) -> Result<(), GatewayResponse> {
    let method = Arc::clone(exchange.method());
    let Some(validation) = &method.validation else { return Ok(()) };
    let missing = validation.required.iter().filter(|required| is_missing(exchange, required));
    let missing: Vec<&str> = missing.map(Required::name).collect();
    if !missing.is_empty() {
        let message = format!("Missing required request parameters: [{}]", missing.join(", "));
        exchange.trail.error(|| &message);
        return Err(GatewayResponse::saying(Kind::BadRequestParameters, message));
    }
    let media_type = exchange.header(CONTENT_TYPE.as_str()).unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let Some((content_type, model)) = validation.model(media_type) else { return Ok(()) };
    let checked = match exchange.inbound.body.len() < VALIDATE_APART_BYTES {
        true => model.check(&exchange.inbound.body),
        false => {
            let (model, body) = (Arc::clone(model), exchange.inbound.body.clone());
            let apart = tokio::task::spawn_blocking(move || model.check(&body)).await;
            apart.unwrap_or_else(|error| Err(Misfit::Model(error.to_string())))
        }
    };
    match checked {
        Ok(()) => Ok(()),
        Err(Misfit::Body(mistakes)) => {
            exchange.trail.error(|| {
                format!(
                    "Request body does not match model schema for content type {content_type}: {mistakes}"
                )
            });
            let mut refused = GatewayResponse::from(Kind::BadRequestBody);
            refused.validation = Some(mistakes);
            Err(refused)
        }
        Err(Misfit::Model(why)) => {
            exchange.trail.error(|| format!("Execution failed due to configuration error: {why}"));
            Err(Kind::ApiConfigurationError.into())
        }
    }
}

/// True if no value of a parameter says anything.
fn is_missing(exchange: &Exchange, required: &Required) -> bool {
    let is_blank = |text: &str| text.trim().is_empty();
    match required {
        Required::Header(name) => {
            let values = exchange.inbound.headers.get_all(name.to_ascii_lowercase());
            values.iter().all(|value| value.as_bytes().iter().all(u8::is_ascii_whitespace))
        }
        Required::Path(name) => exchange.parameter(name).is_none_or(is_blank),
        Required::Query(name) => {
            let pairs = exchange.query.pairs().iter();
            pairs.filter(|(known, _)| known == name).all(|(_, value)| is_blank(value))
        }
    }
}

#[cfg(test)]
mod tests;
