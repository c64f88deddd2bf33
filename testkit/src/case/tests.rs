//! Tables for reading cases: what is read, what is refused and where, and what matches what.

use std::path::Path;

use serde_json::json;

use super::*;

/// A whole case around these lines.
fn case(lines: &str) -> Result<Case, ParseError> {
    parse(Path::new("x.case"), &format!("# Something holds.\nsource: inferred\n{lines}"))
}

fn results() -> Vec<serde_json::Value> {
    vec![
        json!({ "id": "abc", "n": 5, "items": [{ "id": "first" }, { "id": "second" }] }),
        json!({ "Payload": "{\"a\": [1, 2]}" }),
    ]
}

/// A value and what it stands for; `Err` is `line:column: problem`.
#[track_caller]
fn check_value(text: &str, expect: Result<serde_json::Value, &str>) {
    let got =
        Node::parse(text).map_err(|error| error.to_string()).and_then(|node| resolve(&node, &results()));
    assert_eq!(got, expect.map_err(str::to_owned), "{text}");
}

#[test]
fn values() {
    check_value("{}", Ok(json!({})));
    check_value("{a: b}", Ok(json!({ "a": "b" })));
    check_value("{a: b c, d: e}", Ok(json!({ "a": "b c", "d": "e" })));
    check_value("{\"a b\": \"c\\n\\\"d\\\"\"}", Ok(json!({ "a b": "c\n\"d\"" })));
    check_value(
        "{a: 1, b: -2.5, c: true, d: null, e: \"1\"}",
        Ok(json!({ "a": 1, "b": -2.5, "c": true, "d": null, "e": "1" })),
    );
    check_value(
        "{a: 01, b: 1.2.3.4, c: python3.12, d: +5}",
        Ok(json!({ "a": "01", "b": "1.2.3.4", "c": "python3.12", "d": "+5" })),
    );
    check_value("[a, [], {b: []},]", Ok(json!(["a", [], { "b": [] }])));
    check_value("{a:\n  [1,\n   2]}", Ok(json!({ "a": [1, 2] })));
    check_value(
        "{a: arn:aws:iam::000000000000:role/x}",
        Ok(json!({ "a": "arn:aws:iam::000000000000:role/x" })),
    );
    check_value("{a: \"}{][,\"}", Ok(json!({ "a": "}{][," })));
}

#[test]
fn references() {
    check_value("{a: $1.id}", Ok(json!({ "a": "abc" })));
    check_value("{a: \"$1.n\"}", Ok(json!({ "a": 5 })));
    check_value("{a: $1.items.1.id}", Ok(json!({ "a": "second" })));
    check_value("{a: $2.Payload.a.0}", Ok(json!({ "a": 1 })));
    check_value("{a: $1.items.0}", Ok(json!({ "a": { "id": "first" } })));
    check_value("{a: \"x/${1.id}/${1.n}/y\", \"${1.id}\": b}", Ok(json!({ "a": "x/abc/5/y", "abc": "b" })));
    check_value("{a: \"${stageVariables.host}/${1.id}\"}", Ok(json!({ "a": "${stageVariables.host}/abc" })));
    check_value("{a: \"$LATEST\", b: \"$1 and more\"}", Ok(json!({ "a": "$LATEST", "b": "$1 and more" })));
    check_value("{a: $3.id}", Err("$3.id does not exist"));
    let answered = r#"{"id":"abc","n":5,"items":[{"id":"first"},{"id":"second"}]}"#;
    check_value("{a: $1.nothing}", Err(&format!("$1.nothing does not exist; the step answered {answered}")));
}

#[test]
fn values_refused() {
    check_value("", Err("1:1: a value is missing"));
    check_value("{a: 1", Err("1:1: this { is never closed"));
    check_value("{a: [1, 2}", Err("1:10: expected `,` or `]`, found `}`"));
    check_value("{a: 1,\n b 2}", Err("2:5: expected `:` after the key b 2"));
    check_value("{a: 1 \"b\": 2}", Err("1:7: a text with `\"` in it needs quotes"));
    check_value("{a: \"b\" c: 2}", Err("1:9: expected `,` or `}`, found `c`"));
    check_value("{a: \"b}", Err("1:5: this quote is never closed"));
    check_value("{a: \"\\q\"}", Err("1:5: not a JSON string: invalid escape at line 1 column 3"));
    check_value("{a: 1, a: 2}", Err("1:8: the key a is there twice"));
    check_value("{a: /{proxy+}}", Err("1:6: a text with `{` in it needs quotes"));
    check_value("{a: $x.y}", Err("1:5: $x.y is no reference; they look like $2.Member.0.Name"));
    check_value("{a: }", Err("1:5: a value is missing"));
    check_value("{} more", Err("1:4: something follows the value"));
    check_value(&"[".repeat(100), Err("1:66: more than 64 lists and maps in each other"));
}

#[test]
fn steps() {
    let text = "sqs CreateQueue {QueueName: q}\n# between\nsqs SendMessage\n    {QueueUrl: $1.QueueUrl,\n# inside\n     MessageBody: hi}\n  => {MD5: \"*\"}\n\
                clock +6s\nas alice sqs DeleteQueue {QueueUrl: $1.QueueUrl}\n  => error AccessDenied 403 \"no\" {Type: Sender}\n\
                fn hello = echo\nhttp GET https://{api}.x/prod?a=b {headers: {a: b}}\n  => 200 {json: {a: 1}}\ngap: AWS says otherwise\nsts GetCallerIdentity\n=> {}\n";
    let case = case(text).unwrap();
    assert_eq!((case.title.as_str(), case.source.as_str()), ("Something holds.", "inferred"));
    assert_eq!(case.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [3, 5, 10, 11, 13, 14, 17]);
    assert!(matches!(&case.lines[1].expect, Some(Expect::Result(Node::Map(members))) if members.len() == 1));
    assert!(matches!(case.lines[2].action, Action::Clock(6000)));
    assert!(
        matches!(&case.lines[3].action, Action::Call(Call { by: Some(By::Name(name)), .. }) if name == "alice")
    );
    assert!(
        matches!(&case.lines[3].expect, Some(Expect::Error { code, status: 403, message, fields: Some(_) }) if code == "AccessDenied" && message == "no")
    );
    assert!(
        matches!(&case.lines[4].action, Action::Function { name, behaviour: crate::behaviour::Behaviour::Echo } if name == "hello")
    );
    assert!(
        matches!(&case.lines[5].action, Action::Http(Http { url, .. }) if url == "https://{api}.x/prod?a=b")
    );
    assert_eq!(case.lines[6].gap.as_deref(), Some("AWS says otherwise"));
    assert_eq!(case.calls().count(), 4);
    assert!(!case.needs_stillness);
}

#[track_caller]
fn check_refused(lines: &str, expect: &str) {
    assert_eq!(case(lines).map(|_| ()).map_err(|error| error.to_string()), Err(expect.to_owned()), "{lines}");
}

#[test]
fn cases_refused() {
    let expectation = "sts GetCallerIdentity\n  => {}\n";
    check_refused("sts GetCallerIdentity\n", "1:1: the case expects nothing: some step needs a `=>`");
    check_refused("", "1:1: the case expects nothing: some step needs a `=>`");
    check_refused(
        "sts GetCallerIdentity {a: $1.b}\n  => {}\n",
        "3:1: $1 is no earlier step; this one is number 1",
    );
    check_refused(
        "sts GetCallerIdentity\n  => {a: $1.b}\n",
        "3:1: $1 is no earlier step; this one is number 1",
    );
    check_refused(
        "as $2 sts GetCallerIdentity\n  => {}\n",
        "3:1: $2 is no earlier step; this one is number 1",
    );
    check_refused("clock 6s\n", "3:7: expected `clock +6s`, with ms, s, m, h or d");
    check_refused("clock +6w\n", "3:7: expected `clock +6s`, with ms, s, m, h or d");
    check_refused("clock +6s\n  => {}\n", "4:6: this line answers nothing that could be expected");
    check_refused("sts Get\n  => error X \"text\"\n", "4:14: expected an HTTP status, found `\"text\"`");
    check_refused(
        "sts Get\n  => error X 400\n",
        "5:1: the error's text is missing, in quotes (\"*\" for any)",
    );
    check_refused("sts Get\n  => error X 99 \"text\"\n", "4:14: expected an HTTP status, found `99`");
    check_refused("sts Get {} {}\n  => {}\n", "3:12: `{}` was not expected here");
    check_refused("sts Get\n  => {}\n  => {}\n", "5:3: `=> {}` was not expected here");
    check_refused(
        "sts\n",
        "4:1: expected `SERVICE OPERATION {PARAMETERS}`, `http`, `clock`, `fn`, `as`, `gap:` or `source:`",
    );
    check_refused(
        "http GET somewhere\n  => 200\n",
        "3:6: expected a URL that begins with http:// or https://",
    );
    check_refused(
        "http GET http://a/ {query: {}}\n  => 200\n",
        "3:6: a request has `headers` and `body`, not `query`",
    );
    check_refused(
        "http GET http://a/\n  => 200 {boddy: a}\n",
        "4:6: an answer has `headers`, `body` and `json`, not `boddy`",
    );
    check_refused("fn a echo\n", "3:4: expected `fn NAME = BEHAVIOUR`");
    let behaviours = "a function is echo, reflect, {ANSWER}, error {errorType: …, errorMessage: …}, crash, timeout or slow MILLISECONDS";
    check_refused("fn a = dance\n", &format!("3:8: {behaviours}"));
    check_refused(
        &format!("{expectation}gap: nothing follows\n"),
        "5:1: `gap:` stands before the step whose answer is known to be wrong",
    );
    check_refused(
        &format!("{expectation}gap: x\nsts Get\n"),
        "6:1: a known gap is asserted: this step needs a `=>`",
    );
    check_refused(
        &format!("{expectation}source: guessed\n"),
        "5:8: the source is one of aws-docs, aws-recorded, inferred",
    );
    check_refused(
        &format!("{expectation}source: aws-docs\n"),
        "5:8: aws-docs is followed by the page's title",
    );
}

#[test]
fn what_every_case_needs() {
    let parsed = |text: &str| parse(Path::new("x.case"), text).map(|_| ()).map_err(|error| error.to_string());
    let steps = "sts GetCallerIdentity\n  => {}\n";
    assert_eq!(parsed(&format!("# A\nsource: aws-recorded\n{steps}")), Ok(()));
    assert!(case(&format!("clock still\n{steps}")).unwrap().needs_stillness);
    assert_eq!(
        parsed(&format!("# A\n{steps}")).unwrap_err(),
        "1:1: `source:` is missing: aws-docs <page title> | aws-recorded | inferred"
    );
    assert_eq!(
        parsed(&format!("source: inferred\n{steps}")).unwrap_err(),
        "1:1: the first line is a comment that tells the behaviour: `# …`"
    );
    assert_eq!(parsed("  => {}\n").unwrap_err(), "1:1: there is no step that this line could go on with");
}

/// A pattern, an answer, and the paths at which they differ.
#[track_caller]
fn check_match(pattern: &str, answer: serde_json::Value, expect: &[&str]) {
    let pattern = Pattern::new(&Node::parse(pattern).unwrap(), &results()).unwrap();
    let paths: Vec<String> =
        pattern.differences(Some(&answer), 0).into_iter().map(|difference| difference.path).collect();
    assert_eq!(paths, expect, "{pattern:?} on {answer}");
}

#[test]
fn matching() {
    check_match("{}", json!({ "a": 1 }), &[]);
    check_match("{a: 1}", json!({ "a": 1.0, "b": 2 }), &[]);
    check_match("{a: 1}", json!({ "a": "1" }), &[".a"]);
    check_match("{a: \"1\"}", json!({ "a": 1 }), &[".a"]);
    check_match("{a: {b: 1, c: 2}, d: 3}", json!({ "a": { "b": 2 }, "d": 3 }), &[".a.b", ".a.c"]);
    check_match("{a: absent}", json!({ "b": 1 }), &[]);
    check_match("{a: absent}", json!({ "a": null }), &[]);
    check_match("{a: absent}", json!({ "a": "" }), &[".a"]);
    check_match("{a: \"*\"}", json!({ "a": "" }), &[]);
    check_match("{a: \"*\"}", json!({}), &[".a"]);
    check_match("{a: []}", json!({ "a": [] }), &[]);
    check_match("{a: []}", json!({}), &[".a"]);
    check_match("{a: []}", json!({ "a": [1] }), &[".a"]);
    check_match("{a: [1, 2]}", json!({ "a": [1] }), &[".a"]);
    check_match("{a: [1, 2]}", json!({ "a": [1, 3] }), &[".a.1"]);
    check_match("{a: [1, ...]}", json!({ "a": [1, 3] }), &[]);
    check_match("{a: [1, 2, ...]}", json!({ "a": [1] }), &[".a"]);
    check_match("{a: [...]}", json!({ "a": [] }), &[]);
    check_match("{a: [{b: 1}]}", json!({ "a": [{ "b": 1, "c": 2 }] }), &[]);
    check_match("{a: \"re:^[a-z]{3}$\"}", json!({ "a": "abc" }), &[]);
    check_match("{a: \"re:^[a-z]{3}$\"}", json!({ "a": "abcd" }), &[".a"]);
    check_match("{a: \"re:^5$\"}", json!({ "a": 5 }), &[]);
    check_match("{a: $1.id}", json!({ "a": "abc" }), &[]);
    check_match("{a: \"re:^${1.id}$\"}", json!({ "a": "abc" }), &[]);
    check_match("{a: {b: 1}}", json!({ "a": "{\"b\": 1, \"c\": 2}" }), &[]);
    check_match("{a: {b: 1}}", json!({ "a": "{\"b\": 2}" }), &[".a.b"]);
    check_match("{a: {b: 1}}", json!({ "a": "no json" }), &[".a"]);
    check_match("{a: \"text:hi\"}", json!({ "a": "hi" }), &[]);
    check_match("{a: \"base64:aGk=\"}", json!({ "a": "hi" }), &[]);
    check_match("{a: \"base64:/w==\"}", json!({ "a": { "base64": "/w==" } }), &[]);
    check_match("{a: \"base64:/w==\"}", json!({ "a": "hi" }), &[".a"]);
    let moment = Pattern::new(&Node::parse("{a: 1704067200000}").unwrap(), &[]).unwrap();
    for (ms, slack, count) in [(0, 0, 0), (5, 0, 1), (5, 10, 0), (15, 10, 1), (-5, 10, 1)] {
        let answer = json!({ "a": 1_704_067_200_000_i64 + ms });
        assert_eq!(moment.differences(Some(&answer), slack).len(), count, "{ms} {slack}");
    }
    check_match("{a: null}", json!({ "a": null }), &[]);
    check_match("{a: null}", json!({}), &[".a"]);
    check_match("{a: null}", json!({ "a": 1 }), &[".a"]);
}
