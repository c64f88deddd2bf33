//! Gateway responses: what API Gateway itself answers when a request does not get through to an integration's answer.
//!
//! AWS: Gateway response types for API Gateway. Statuses and texts are AWS's defaults; `x-amzn-ErrorType` is what AWS sends. An API's own
//! gateway responses change status, headers and body.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use kernel::exchange::OutBody;
use plan::{GatewayResponsePlan, TemplatePiece};

use crate::context::Answered;
use crate::exchange::Exchange;
use crate::headers::of_mapping;
use crate::value::Values;

/// The types of gateway responses, and two that no API can customise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Authorization refused: by a policy, a Lambda authorizer, or without a permission.
    AccessDenied,
    /// The request's line and header values are too long.
    HeadTooLarge,
    /// The path is so long that the method's ARN is.
    UriTooLong,
    /// A signature, or what stands in its place, lacks parts.
    IncompleteSignature,
    /// No such access key.
    UnrecognizedClient,
    /// The integration could not be called, or its definition cannot work.
    ApiConfigurationError,
    /// An authorizer answered something that is no policy.
    AuthorizerConfigurationError,
    /// An authorizer could not be asked, or failed.
    AuthorizerFailure,
    /// A required parameter is missing.
    BadRequestParameters,
    /// The body does not fit its model.
    BadRequestBody,
    /// The token or signature has expired.
    ExpiredToken,
    /// A backend cannot be reached or broke off.
    IntegrationFailure,
    /// The integration took longer than its timeout.
    IntegrationTimeout,
    /// The method wants an API key, and there is none, or one that does not open it.
    InvalidApiKey,
    /// The signature is wrong.
    InvalidSignature,
    /// The request is not signed, or no resource or method matches.
    MissingAuthenticationToken,
    /// The usage plan's quota is used up.
    QuotaExceeded,
    /// The request's body is too large.
    RequestTooLarge,
    /// A rate or burst is exceeded.
    Throttled,
    /// The token is missing or was refused.
    Unauthorized,
    /// No template takes the request's content type, and it may not pass without one.
    UnsupportedMediaType,
    /// A Lambda function answered something that is no proxy response, or failed.
    MalformedProxyAnswer,
    /// No such API or stage, or one that is not reached this way. No API, so nothing to customise.
    Forbidden,
    /// Loggia does not do this yet; the message names it.
    NotImplemented,
}

impl Kind {
    /// AWS's name of the type; what cannot be customised goes by the default's.
    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    /// Name, status, error type, message.
    fn row(self) -> (&'static str, u16, &'static str, &'static str) {
        const SERVER: &str = "InternalServerErrorException";
        const BAD: &str = "BadRequestException";
        match self {
            Kind::AccessDenied => (
                "ACCESS_DENIED",
                403,
                "AccessDeniedException",
                "User is not authorized to access this resource",
            ),
            Kind::ApiConfigurationError => ("API_CONFIGURATION_ERROR", 500, SERVER, "Internal server error"),
            Kind::AuthorizerConfigurationError => {
                ("AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", "")
            }
            Kind::AuthorizerFailure => ("AUTHORIZER_FAILURE", 500, "AuthorizerFailureException", ""),
            Kind::BadRequestParameters => ("BAD_REQUEST_PARAMETERS", 400, BAD, "Invalid request parameters"),
            Kind::BadRequestBody => ("BAD_REQUEST_BODY", 400, BAD, "Invalid request body"),
            Kind::ExpiredToken => (
                "EXPIRED_TOKEN",
                403,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            Kind::IntegrationFailure => {
                ("INTEGRATION_FAILURE", 504, SERVER, "Network error communicating with endpoint")
            }
            Kind::IntegrationTimeout => ("INTEGRATION_TIMEOUT", 504, SERVER, "Endpoint request timed out"),
            Kind::InvalidApiKey => ("INVALID_API_KEY", 403, "ForbiddenException", "Forbidden"),
            Kind::InvalidSignature => (
                "INVALID_SIGNATURE",
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            // Inferred: which types these three are.
            // As users report it.
            Kind::HeadTooLarge => (
                "DEFAULT_4XX",
                431,
                "RequestHeaderFieldsTooLargeException",
                "HTTP header is larger than 10240 bytes.",
            ),
            Kind::UriTooLong => ("DEFAULT_4XX", 414, "RequestUriTooLongException", "Request URI too long"),
            Kind::IncompleteSignature => ("INVALID_SIGNATURE", 403, "IncompleteSignatureException", ""),
            Kind::UnrecognizedClient => (
                "DEFAULT_4XX",
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Kind::MissingAuthenticationToken => (
                "MISSING_AUTHENTICATION_TOKEN",
                403,
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            Kind::QuotaExceeded => ("QUOTA_EXCEEDED", 429, "LimitExceededException", "Limit Exceeded"),
            Kind::RequestTooLarge => {
                ("REQUEST_TOO_LARGE", 413, "RequestTooLargeException", "Request Too Long")
            }
            Kind::Throttled => ("THROTTLED", 429, "TooManyRequestsException", "Too Many Requests"),
            Kind::Unauthorized => ("UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized"),
            Kind::UnsupportedMediaType => ("UNSUPPORTED_MEDIA_TYPE", 415, BAD, "Unsupported Media Type"),
            Kind::MalformedProxyAnswer => ("DEFAULT_5XX", 502, SERVER, "Internal server error"),
            Kind::Forbidden => ("DEFAULT_4XX", 403, "ForbiddenException", "Forbidden"),
            Kind::NotImplemented => ("DEFAULT_5XX", 501, "NotImplementedException", ""),
        }
    }
}

/// A refusal or failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GatewayResponse {
    /// Which type.
    pub(crate) kind: Kind,
    /// Instead of the type's own message.
    message: Option<String>,
    /// What the validation of the body found, as `$context.error.validationErrorString` shows it.
    pub(crate) validation: Option<String>,
}

impl From<Kind> for GatewayResponse {
    fn from(kind: Kind) -> GatewayResponse {
        GatewayResponse { kind, message: None, validation: None }
    }
}

impl GatewayResponse {
    /// With a message of its own.
    pub(crate) fn saying(kind: Kind, message: impl Into<String>) -> GatewayResponse {
        GatewayResponse { kind, message: Some(message.into()), validation: None }
    }

    /// What is not done yet, by name.
    pub(crate) fn not_implemented(what: impl std::fmt::Display) -> GatewayResponse {
        GatewayResponse::saying(Kind::NotImplemented, format!("Loggia does not {what} yet"))
    }

    /// The message, without quotes.
    pub(crate) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.kind.row().3)
    }

    /// AWS: a policy's refusal writes its message with a capital.
    pub(crate) fn message_key(&self) -> &'static str {
        if self.kind == Kind::AccessDenied { "Message" } else { "message" }
    }

    /// The type's own status.
    pub(crate) fn status(&self) -> u16 {
        self.kind.row().1
    }

    /// The answer as it is without any customisation, and without the headers that every answer gets.
    pub(crate) fn plain(&self) -> Response<OutBody> {
        let (_, status, error_type, _) = self.kind.row();
        let body: Cow<'_, str> = match self.message() {
            // AWS: an authorizer's trouble has no text.
            "" => "{\"message\":null}".into(),
            message => serde_json::json!({ self.message_key(): message }).to_string().into(),
        };
        let mut response = Response::new(OutBody::Full(Bytes::from(body.into_owned())));
        *response.status_mut() = StatusCode::from_u16(status).expect("the table holds statuses");
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(error_type));
        response
    }
}

/// The answer to a request that was refused or failed, as its API wants it.
pub(crate) fn render(exchange: &mut Exchange, refused: &GatewayResponse) -> Response<OutBody> {
    let plain = refused.plain();
    let plan = Arc::clone(&exchange.plan);
    // What Loggia cannot do is told as it is.
    let own = plan.gateway_responses.find(refused.kind.name(), refused.status());
    let Some(own) = own.filter(|_| refused.kind != Kind::NotImplemented) else { return plain };
    let status = own.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(plain.status());
    let answered = Answered { failure: Some(refused), status: Some(status.as_u16()), ..Answered::default() };
    let values = Values::of_refusal(exchange, answered);
    let (mut parts, body) = plain.into_parts();
    parts.status = status;
    let body = match template(exchange, own) {
        None => body,
        Some((media, pieces)) => {
            if let Ok(media) = HeaderValue::from_str(media) {
                parts.headers.insert(CONTENT_TYPE, media);
            }
            OutBody::Full(fill(&values, pieces).into())
        }
    };
    for (name, source) in &own.headers {
        let Ok(Some(value)) = values.get(source) else { continue };
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        if let Some((name, value)) = name.zip(HeaderValue::from_bytes(value.as_bytes()).ok())
            && let Some(name) = of_mapping(name)
        {
            parts.headers.insert(name, value);
        }
    }
    Response::from_parts(parts, body)
}

/// The template for what the client accepts, else for JSON, else the first.
fn template<'p>(
    exchange: &Exchange,
    own: &'p GatewayResponsePlan,
) -> Option<&'p (String, Vec<TemplatePiece>)> {
    let accept = exchange.header("accept").unwrap_or_default();
    let mut accepted = accept.split(',').map(|media| media.split(';').next().unwrap_or_default().trim());
    let of = |media: &str| own.templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(media));
    accepted.find_map(of).or_else(|| of("application/json")).or_else(|| own.templates.first())
}

/// A template with its variables; one without a value is nothing.
fn fill(values: &Values<'_>, pieces: &[TemplatePiece]) -> String {
    let mut filled = String::new();
    for piece in pieces {
        match piece {
            TemplatePiece::Text(text) => filled.push_str(text),
            TemplatePiece::Value(source) => {
                filled.push_str(values.get(source).ok().flatten().as_deref().unwrap_or_default());
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests;
