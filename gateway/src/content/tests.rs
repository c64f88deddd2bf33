//! AWS's two tables, row by row.

use super::*;

/// A body's kind and bytes after the conversion, or `!` if it cannot be converted.
fn shown(payload: Result<Payload, NotBase64>) -> String {
    match payload {
        Ok(Payload::Text(bytes)) => format!("text {}", String::from_utf8_lossy(&bytes)),
        Ok(Payload::Binary(bytes)) => format!("binary {}", String::from_utf8_lossy(&bytes)),
        Err(NotBase64) => "!".to_owned(),
    }
}

#[test]
fn requests() {
    for (body, is_binary, handling, expect) in [
        ("hi", false, None, "text hi"),
        ("aGk=", false, Some(ToBinary), "binary hi"),
        ("aGk=", false, Some(ToText), "text aGk="),
        ("hi", true, None, "binary hi"),
        ("hi", true, Some(ToBinary), "binary hi"),
        ("hi", true, Some(ToText), "text aGk="),
        ("not base64!", false, Some(ToBinary), "!"),
        ("", false, Some(ToBinary), "binary "),
    ] {
        let converted = of_request(&Bytes::from_static(body.as_bytes()), is_binary, handling);
        assert_eq!(shown(converted), expect, "{body} {is_binary} {handling:?}");
    }
    assert_eq!(shown(of_request(&Bytes::from_static(b"\xffa"), false, None)), "text \u{FFFD}a");
}

#[test]
fn answers() {
    for (body, is_binary, is_accepted, handling, expect) in [
        ("hi", false, false, None, "text hi"),
        ("aGk=", false, false, Some(ToBinary), "binary hi"),
        ("aGk=", false, false, Some(ToText), "text aGk="),
        ("aGk=", false, true, None, "binary hi"),
        ("aGk=", false, true, Some(ToBinary), "binary hi"),
        ("hi", false, true, Some(ToText), "text hi"),
        ("hi", true, false, None, "text aGk="),
        ("hi", true, false, Some(ToBinary), "binary hi"),
        ("hi", true, false, Some(ToText), "text aGk="),
        ("hi", true, true, None, "binary hi"),
        ("hi", true, true, Some(ToBinary), "binary hi"),
        ("hi", true, true, Some(ToText), "text aGk="),
        ("hi!", false, true, None, "!"),
    ] {
        let kinds = (is_binary, is_accepted);
        let converted = of_answer(&Bytes::from_static(body.as_bytes()), kinds, handling);
        assert_eq!(shown(converted), expect, "{body} {kinds:?} {handling:?}");
    }
}
