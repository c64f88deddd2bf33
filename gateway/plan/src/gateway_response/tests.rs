//! Which response a type gets, and what its template holds.

use proptest::prelude::*;

use super::*;

fn check(template: &str, expect: &str) {
    let variables = BTreeMap::from([("color".to_owned(), "blue".to_owned())]);
    let shown: Vec<String> = pieces(template, &variables)
        .into_iter()
        .map(|piece| match piece {
            TemplatePiece::Text(text) => text,
            TemplatePiece::Value(Source::Text(text)) => format!("<{text}>"),
            TemplatePiece::Value(source) => format!("<{source:?}>"),
        })
        .collect();
    assert_eq!(shown.concat(), expect, "{template}");
}

#[test]
fn templates() {
    check("{\"message\":$context.error.messageString}", "{\"message\":<Context(\"error.messageString\")>}");
    check("${context.stage}x $stageVariables.color.", "<Context(\"stage\")>x <blue>.");
    check("$method.request.header.X-One!", "<RequestHeader(\"X-One\")>!");
    check("5$ $input.body ${context.x #set($a = 1)", "5$ $input.body ${context.x #set($a = 1)");
    check("$stageVariables.none", "<None>");
}

#[test]
fn types_and_defaults() {
    let definition = |status: Option<&str>| GatewayResponseDefinition {
        status_code: status.map(str::to_owned),
        ..GatewayResponseDefinition::default()
    };
    let own = BTreeMap::from([
        ("THROTTLED".to_owned(), definition(Some("503"))),
        ("UNAUTHORIZED".to_owned(), definition(None)),
        ("DEFAULT_4XX".to_owned(), definition(Some("418"))),
    ]);
    let responses = GatewayResponses::compile(&own, &BTreeMap::new());
    let find = |kind: &str, status| responses.find(kind, status).map(|plan| plan.status);
    assert_eq!(find("THROTTLED", 429), Some(Some(503)));
    assert_eq!(find("UNAUTHORIZED", 401), Some(None));
    assert_eq!(find("QUOTA_EXCEEDED", 429), Some(Some(418)));
    assert_eq!(find("INTEGRATION_FAILURE", 504), None);
}

proptest! {
    #[test]
    fn any_template(text in "([${}.a-]|context\\.|\\PC){0,30}") {
        let pieces = pieces(&text, &BTreeMap::new());
        let is_text = pieces.iter().all(|piece| matches!(piece, TemplatePiece::Text(_)));
        if is_text && let [TemplatePiece::Text(only)] = &pieces[..] {
            prop_assert_eq!(only, &text);
        }
    }
}
