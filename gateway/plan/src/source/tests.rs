//! What mapping expressions and URIs mean.

use proptest::prelude::*;

use super::*;

fn check(expression: &str, expect: &str) {
    let variables = BTreeMap::from([("color".to_owned(), "blue".to_owned())]);
    let shown = format!("{:?}", Source::compile(expression, &variables));
    assert!(shown.starts_with(expect), "{expression} is {shown}, not {expect}");
}

#[test]
fn expressions() {
    check("'text'", "Text(\"text\")");
    check("''", "Text(\"\")");
    check("'it''s'", "Text(\"it''s\")");
    check("stageVariables.color", "Text(\"blue\")");
    check("stageVariables.none", "None");
    check("method.request.path.id", "RequestPath(\"id\")");
    check("method.request.querystring.a", "RequestQuery(\"a\")");
    check("method.request.multivaluequerystring.a", "RequestQueries(\"a\")");
    check("method.request.header.X", "RequestHeader(\"X\")");
    check("method.request.multivalueheader.X", "RequestHeaders(\"X\")");
    check("method.request.body", "RequestBody(Whole)");
    check("method.request.body.a.b", "RequestBody(Path(");
    check("method.request.body.$.a[0]", "RequestBody(Path(");
    check("method.request.body.[", "None");
    check("integration.response.header.X", "ResponseHeader(\"X\")");
    check("integration.response.multivalueheader.X", "ResponseHeaders(\"X\")");
    check("integration.response.body", "ResponseBody(Whole)");
    check("integration.response.body.a", "ResponseBody(Path(");
    check("context.identity.sourceIp", "Context(\"identity.sourceIp\")");
    check("nonsense", "None");
    check("'", "None");
}

#[test]
fn uris() {
    let text = |text: &str| UriPiece::Text(text.to_owned());
    let name = |name: &str| UriPiece::Name(name.to_owned());
    assert_eq!(
        uri_pieces("http://x/{proxy+}?a={b}"),
        [text("http://x/"), name("proxy"), text("?a="), name("b")]
    );
    assert_eq!(uri_pieces("http://x/{open"), [text("http://x/{open")]);
    assert_eq!(uri_pieces("{a}{b}"), [name("a"), name("b")]);
    assert_eq!(uri_pieces(""), []);
}

proptest! {
    #[test]
    fn any_expression(text in "(method\\.request\\.|integration\\.response\\.|body|[.$'a\\[\\]{}]|\\PC){0,12}") {
        let _ = Source::compile(&text, &BTreeMap::new());
        let _ = uri_pieces(&text);
    }
}
