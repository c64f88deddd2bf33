//! What is behind methods: one file an integration type.

pub(crate) mod credentials;
mod errand;
pub(crate) mod http;
pub(crate) mod lambda;
pub(crate) mod mock;
pub(crate) mod service;

use ::http::Response;
use kernel::exchange::OutBody;
use plan::Integration;

use crate::Gateway;
use crate::exchange::Exchange;
use crate::request_mapping::failed;
use crate::response::GatewayResponse;

/// Has the method's integration answer.
pub(crate) async fn answer(
    gateway: &Gateway,
    exchange: &mut Exchange,
) -> Result<Response<OutBody>, GatewayResponse> {
    let method = std::sync::Arc::clone(exchange.method());
    match &method.integration {
        Integration::LambdaProxy(function) => lambda::proxy(gateway, exchange, function).await,
        Integration::Lambda(function, mapping) => lambda::custom(gateway, exchange, function, mapping).await,
        Integration::Service(target, mapping) => service::call(gateway, exchange, target, mapping).await,
        Integration::HttpProxy(to, parameters) => http::proxy(gateway, exchange, to, parameters).await,
        Integration::Http(to, mapping) => http::custom(gateway, exchange, to, mapping).await,
        Integration::Mock(mapping) => mock::answer(exchange, mapping),
        Integration::Unsupported(what) => Err(GatewayResponse::not_implemented(format_args!("serve {what}"))),
        Integration::Broken(why) => Err(failed(exchange, why)),
    }
}

/// What a request's log would say of a backend's error.
#[cfg(test)]
pub(crate) fn shown_trouble(error: &crate::backends::BackendError) -> String {
    format!("{:?}", errand::trouble(error))
}
