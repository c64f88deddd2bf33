//! Gateway responses: what API Gateway itself answers when a request does not get through to an integration's answer.
//!
//! AWS: Gateway response types for API Gateway. Statuses are AWS's defaults; texts and `x-amzn-ErrorType` are those AWS sends. An API's
//! own gateway responses change neither yet: the control plane does not take them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use kernel::exchange::OutBody;

/// A refusal or failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GatewayResponse {
    /// No such API or stage, or a deployment without it.
    Forbidden,
    /// No resource or method matches.
    MissingAuthenticationToken,
    /// Rate or burst is exceeded.
    Throttled,
    /// The request's body is too large.
    RequestTooLarge,
    /// No template takes the request's content type, and it may not pass without one.
    UnsupportedMediaType,
    /// The integration could not be called, or its definition cannot work.
    ApiConfigurationError,
    /// A Lambda function answered something that is no proxy response, or failed.
    MalformedProxyAnswer,
    /// The integration took longer than its timeout.
    IntegrationTimeout,
    /// A backend cannot be reached or broke off.
    IntegrationFailure,
    /// Loggia does not do this yet; the text names it.
    NotImplemented(String),
}

impl GatewayResponse {
    fn parts(&self) -> (u16, &'static str, &str) {
        const SERVER: &str = "InternalServerErrorException";
        match self {
            GatewayResponse::Forbidden => (403, "ForbiddenException", "Forbidden"),
            GatewayResponse::MissingAuthenticationToken => {
                (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
            }
            GatewayResponse::Throttled => (429, "TooManyRequestsException", "Too Many Requests"),
            GatewayResponse::RequestTooLarge => (413, "RequestTooLargeException", "Request Too Long"),
            GatewayResponse::UnsupportedMediaType => (415, "BadRequestException", "Unsupported Media Type"),
            GatewayResponse::ApiConfigurationError => (500, SERVER, "Internal server error"),
            GatewayResponse::MalformedProxyAnswer => (502, SERVER, "Internal server error"),
            GatewayResponse::IntegrationTimeout => (504, SERVER, "Endpoint request timed out"),
            GatewayResponse::IntegrationFailure => (504, SERVER, "Network error communicating with endpoint"),
            GatewayResponse::NotImplemented(what) => (501, "NotImplementedException", what),
        }
    }

    /// The answer, without the headers that every answer gets.
    pub(crate) fn into_response(self) -> Response<OutBody> {
        let (status, error_type, message) = self.parts();
        let body = serde_json::json!({ "message": message }).to_string();
        let mut response = Response::new(OutBody::Full(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).expect("the table holds statuses");
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(error_type));
        response
    }
}
