//! Gateway responses as APIs want them, and as they are without a wish.

use plan::definition::{
    ApiDefinition, GatewayResponseDefinition, IntegrationDefinition, PublishedDeployment, PublishedStage,
};

use super::*;
use crate::event::tests::exchange;

/// A response of this kind of an API with these customisations: status, type, headers and body.
fn rendering(
    own: &[(&str, GatewayResponseDefinition)],
    accept: &str,
    refused: &GatewayResponse,
) -> (u16, http::HeaderMap, String) {
    let api = ApiDefinition {
        gateway_responses: own.iter().map(|(kind, own)| ((*kind).to_owned(), own.clone())).collect(),
        ..ApiDefinition::default()
    };
    let headers: [(&str, &[u8]); 2] = [("Accept", accept.as_bytes()), ("Origin", b"https://me")];
    let mut exchange = exchange("/pets/{id}", IntegrationDefinition::default(), &headers);
    let stage = PublishedStage {
        stage_name: "prod".to_owned(),
        variables: [("color".to_owned(), "blue".to_owned())].into(),
        ..PublishedStage::default()
    };
    exchange.plan = plan::Plan::compile(stage, PublishedDeployment { id: "d".to_owned(), api }).into();
    exchange.method = None;
    let (parts, OutBody::Full(body)) = render(&mut exchange, refused).into_parts() else {
        panic!("a stream")
    };
    (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned())
}

fn own(
    status: Option<&str>,
    templates: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> GatewayResponseDefinition {
    let owned = |pairs: &[(&str, &str)], prefix: &str| {
        pairs.iter().map(|(name, value)| (format!("{prefix}{name}"), (*value).to_owned())).collect()
    };
    GatewayResponseDefinition {
        status_code: status.map(str::to_owned),
        response_parameters: owned(headers, "gatewayresponse.header."),
        response_templates: owned(templates, ""),
    }
}

#[test]
fn every_type_as_it_is_without_a_wish() {
    let check = |kind: Kind, status: u16, error_type: &str, body: &str| {
        let (got, headers, text) = rendering(&[], "", &kind.into());
        assert_eq!((got, text.as_str()), (status, body), "{kind:?}");
        assert_eq!(headers["x-amzn-errortype"], error_type, "{kind:?}");
        assert_eq!(headers["content-type"], "application/json", "{kind:?}");
    };
    let message = |text: &str| format!("{{\"message\":\"{text}\"}}");
    for (kind, status, error_type, text) in [
        (Kind::ApiConfigurationError, 500, "InternalServerErrorException", "Internal server error"),
        (Kind::BadRequestParameters, 400, "BadRequestException", "Invalid request parameters"),
        (Kind::BadRequestBody, 400, "BadRequestException", "Invalid request body"),
        (
            Kind::IntegrationFailure,
            504,
            "InternalServerErrorException",
            "Network error communicating with endpoint",
        ),
        (Kind::IntegrationTimeout, 504, "InternalServerErrorException", "Endpoint request timed out"),
        (Kind::InvalidApiKey, 403, "ForbiddenException", "Forbidden"),
        (
            Kind::MissingAuthenticationToken,
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (Kind::QuotaExceeded, 429, "LimitExceededException", "Limit Exceeded"),
        (Kind::RequestTooLarge, 413, "RequestTooLargeException", "Request Too Long"),
        (Kind::Throttled, 429, "TooManyRequestsException", "Too Many Requests"),
        (Kind::Unauthorized, 401, "UnauthorizedException", "Unauthorized"),
        (Kind::UnsupportedMediaType, 415, "BadRequestException", "Unsupported Media Type"),
    ] {
        check(kind, status, error_type, &message(text));
    }
    check(Kind::AuthorizerConfigurationError, 500, "AuthorizerConfigurationException", "{\"message\":null}");
}

#[test]
fn precedence() {
    let customised = [
        ("THROTTLED", own(Some("503"), &[], &[])),
        ("DEFAULT_4XX", own(None, &[("application/json", "four")], &[])),
        ("DEFAULT_5XX", own(Some("599"), &[], &[])),
    ];
    let check = |kind: Kind, status: u16, body: &str| {
        let (got, _, text) = rendering(&customised, "", &kind.into());
        assert_eq!((got, text.as_str()), (status, body), "{kind:?}");
    };
    // A type of its own does not inherit from the default.
    check(Kind::Throttled, 503, "{\"message\":\"Too Many Requests\"}");
    check(Kind::QuotaExceeded, 429, "four");
    check(Kind::IntegrationFailure, 599, "{\"message\":\"Network error communicating with endpoint\"}");
    let loggia = GatewayResponse::not_implemented("dance");
    assert_eq!(rendering(&customised, "", &loggia).0, 501);
}

#[test]
fn templates_and_headers() {
    let template = "{\"m\": $context.error.messageString, \"t\": \"$context.error.responseType\", \"v\": \"$context.error.validationErrorString\", \"c\": \"$stageVariables.color\", \"i\": \"$context.identity.sourceIp\", \"o\": \"$method.request.header.Origin\", \"n\": \"$context.none\"}";
    let headers: &[(&str, &str)] = &[
        ("Access-Control-Allow-Origin", "'*'"),
        ("X-Path", "method.request.path.id"),
        ("X-Origin", "method.request.header.Origin"),
        ("X-Stage", "context.stage"),
        ("X-None", "context.none"),
        ("x-amzn-ErrorType", "'Mine'"),
    ];
    let templates: &[(&str, &str)] =
        &[("application/json", template), ("text/html", "<b>$context.error.message</b>")];
    let customised = [("BAD_REQUEST_BODY", own(Some("422"), templates, headers))];
    let mut refused = GatewayResponse::from(Kind::BadRequestBody);
    refused.validation = Some("[missing]".to_owned());
    let (status, headers, body) = rendering(&customised, "", &refused);
    assert_eq!(status, 422);
    assert_eq!(
        body,
        "{\"m\": \"Invalid request body\", \"t\": \"BAD_REQUEST_BODY\", \"v\": \"[missing]\", \"c\": \"blue\", \"i\": \"127.0.0.1\", \"o\": \"https://me\", \"n\": \"\"}"
    );
    for (name, expect) in [
        ("access-control-allow-origin", Some("*")),
        ("x-path", Some("7")),
        ("x-origin", Some("https://me")),
        ("x-stage", Some("prod")),
        ("x-none", None),
        ("x-amzn-errortype", Some("Mine")),
        ("content-type", Some("application/json")),
    ] {
        assert_eq!(headers.get(name).map(|value| value.to_str().unwrap()), expect, "{name}");
    }
    let (_, headers, body) = rendering(&customised, "text/html", &refused);
    assert_eq!(
        (headers["content-type"].to_str().unwrap(), body.as_str()),
        ("text/html", "<b>Invalid request body</b>")
    );
}
