//! Sources and targets, right and wrong.

use plan::definition::{MethodDefinition, MethodResponseDefinition, Strings};

use super::{check_integration_request, check_integration_response};

fn method() -> MethodDefinition {
    let response = MethodResponseDefinition {
        response_parameters: [("method.response.header.Location".to_owned(), true)].into(),
        ..Default::default()
    };
    MethodDefinition {
        request_parameters: [("method.request.path.id".to_owned(), true)].into(),
        responses: [("302".to_owned(), response)].into(),
        ..Default::default()
    }
}

fn one(target: &str, source: &str) -> Strings {
    [(target.to_owned(), source.to_owned())].into()
}

fn check(found: Result<(), crate::error::Error>, expect: &str) {
    let prefix = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [";
    let said = found.map_or_else(|error| error.to_string(), |()| String::new());
    let said = said.strip_prefix(prefix).and_then(|said| said.strip_suffix(']')).unwrap_or(&said);
    assert_eq!(said, expect);
}

#[test]
fn request() {
    for (target, source, expect) in [
        ("integration.request.path.id", "method.request.path.id", ""),
        ("integration.request.header.X", "'static'", ""),
        ("integration.request.header.X", "context.requestId", ""),
        ("integration.request.header.X", "stageVariables.x", ""),
        ("integration.request.header.X", "method.request.body.a[0]", ""),
        ("integration.request.header.X", "method.request.body", ""),
        (
            "integration.request.path.id",
            "method.request.path.other",
            "Invalid mapping expression parameter specified: method.request.path.other",
        ),
        ("integration.request.header.X", "true", "Invalid mapping expression specified: true"),
        ("integration.request.header.X", "'", "Invalid mapping expression specified: '"),
        (
            "integration.request.header.",
            "'x'",
            "Invalid mapping expression specified: integration.request.header.",
        ),
        ("request.header.X", "'x'", "Invalid mapping expression specified: request.header.X"),
    ] {
        check(check_integration_request(&one(target, source), &method()), expect);
    }
}

#[test]
fn response() {
    let location = "method.response.header.Location";
    let undeclared = "Invalid mapping expression parameter specified: method.response.header.Location";
    for (status, source, expect) in [
        ("302", "integration.response.body.errorMessage", ""),
        ("302", "integration.response.header.location", ""),
        ("200", "'x'", undeclared),
        ("302", "\"*\"", "Invalid mapping expression specified: \"*\""),
    ] {
        check(check_integration_response(&one(location, source), &method(), status), expect);
    }
    let bare = MethodDefinition::default();
    check(
        check_integration_response(&one(location, "'x'"), &bare, "302"),
        "No method response exists for method.",
    );
}
