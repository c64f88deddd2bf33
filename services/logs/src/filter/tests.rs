//! Patterns and messages, from AWS's page "Filter pattern syntax" and its edges.

use super::Pattern;
use crate::error::Error;

/// Checks which messages of `yes` and `no` a pattern takes.
fn check(pattern: &str, yes: &[&str], no: &[&str]) {
    let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    for (messages, expect) in [(yes, true), (no, false)] {
        for message in messages {
            assert_eq!(parsed.matches(message), expect, "{pattern} on {message}");
        }
    }
}

fn check_invalid(pattern: &str, text: &str) {
    match Pattern::parse(pattern) {
        Err(Error::InvalidParameter(found)) => assert_eq!(found, text, "{pattern}"),
        other => panic!("{pattern}: {other:?}"),
    }
}

#[test]
fn terms() {
    check("", &["anything", ""], &[]);
    check("ERROR", &["[ERROR 400] BAD REQUEST", "xERRORx"], &["error", ""]);
    check("ERROR ARGUMENTS", &["[ERROR 419] MISSING ARGUMENTS"], &["[ERROR 400] BAD REQUEST"]);
    check("?ERROR ?ARGUMENTS", &["ERROR 400", "ARGUMENTS 1"], &["WARN"]);
    // An optional term beside others has no effect.
    check("?ERROR ?ARGUMENTS REQUEST", &["INFO REQUEST FAILED"], &["ERROR 400"]);
    check(r#""INTERNAL SERVER ERROR""#, &["[ERROR 500] INTERNAL SERVER ERROR"], &["INTERNAL ERROR SERVER"]);
    check("ERROR -ARGUMENTS", &["[ERROR 400] BAD REQUEST"], &["[ERROR 419] MISSING ARGUMENTS", "x"]);
    check(r#"-"a b""#, &["b a"], &["a b"]);
    check("%AUTHORIZED%", &["[ERROR 401] UNAUTHORIZED REQUEST"], &["x"]);
    check(r"ERROR %4\d\d%", &["ERROR 404"], &["ERROR 504", "WARN 404"]);
    check(r#""say \"hi\"""#, &[r#"say "hi" now"#], &["say hi"]);
    check_invalid("2022-01-01", "Invalid character(s) in term '2022-01-01'");
    check_invalid(r#""open"#, "Invalid filter pattern");
    check_invalid("%something!%", "Invalid filter pattern");
    check_invalid("%open", "Invalid filter pattern");
}

#[test]
fn json() {
    let event = r#"{"eventType":"UpdateTrail","ids":[1,2,{"v":"x"}],"user":{"id":123,"email":"John.Doe@example.com","none":null},"ok":true,"a.b":7,"code":"404"}"#;
    let yes = [
        r#"{ $.eventType = "UpdateTrail" }"#,
        "{ $.eventType = UpdateTrail }",
        r#"{ $.eventType = "Update*" }"#,
        r#"{ $.eventType = *Trail }"#,
        "{ $.eventType = %^Up.*l$% }",
        r#"{ $.eventType != "Other" }"#,
        "{ $.user.id = 123 && $.user.id > 122 && $.user.id <= 123.0 }",
        "{ $.user.id = 1 || $.ok IS TRUE }",
        r#"{ ($.user.id = 1) || ($.user.email = "John.Doe@example.com") && ($.ok IS TRUE) }"#,
        "{ $.ids[1] = 2 }",
        "{ $.ids[*] = 1 }",
        r#"{ $.ids[2].v = "x" }"#,
        "{ $.user.none IS NULL }",
        "{ $.user.other NOT EXISTS }",
        "{ $.['a.b'] = 7 }",
        "{ $.code = 404 }",
        "{$.ok IS TRUE}",
    ];
    let no = [
        r#"{ $.eventType = "updatetrail" }"#,
        r#"{ $.missing != "x" }"#,
        "{ $.user = 1 }",
        "{ $.ids[0] = 2 }",
        "{ $.ok IS FALSE }",
        "{ $.user.id IS NULL }",
        "{ $.user.id NOT EXISTS }",
        r#"{ $.user.id = "123" }"#,
        "{ $.user.id < 123 }",
    ];
    for pattern in yes {
        check(pattern, &[event], &["not json", ""]);
    }
    for pattern in no {
        check(pattern, &[], &[event]);
    }
    let nested = format!("{{ {}$.a = 1{} }}", "(".repeat(100), ")".repeat(100));
    for pattern in
        ["{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ ($.a = 1 }", "{ $.a > \"x\" }", "{}", &nested]
    {
        check_invalid(pattern, "Invalid filter pattern");
    }
    check_invalid("{ $.a = %a% && $.b = %b% && $.c = %c% }", "Invalid filter pattern");
}

#[test]
fn fields() {
    let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    let yes = [
        "[ip, server, username, timestamp, request, status_code, bytes > 1000]",
        "[ip, server, username, timestamp, request, status_code=4*, bytes]",
        r#"[ip, server, username, timestamp, request = "GET*html*", status_code = 4*, bytes > 1000]"#,
        "[..., status_code=404, bytes]",
        "[ip=%127\\.0\\.0\\.[0-9]%, ...]",
        "[ip, ..., bytes]",
        "[..., s = 500 || s = 404, b]",
        "[..., s != 500 && s != 403, b]",
        "[...]",
    ];
    let no = [
        "[ip, server]",
        "[..., status_code=5*, bytes]",
        "[..., s != 404 && s != 403, b]",
        "[a, b, c, d, e, f, g, h, ...]",
        "[ip = 10.*, ...]",
    ];
    for pattern in yes {
        check(pattern, &[line], &[]);
    }
    for pattern in no {
        check(pattern, &[], &[line]);
    }
    for pattern in ["[..., a, ...]", "[a b]", "[a, ", "[]", "[a = ]"] {
        check_invalid(pattern, "Invalid filter pattern");
    }
}
