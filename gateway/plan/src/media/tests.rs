//! AWS: Content type conversions in API Gateway.

use super::*;

fn check(types: &[&str], content_type: Option<&str>, expect: bool) {
    let types = MediaTypes::new(&types.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    assert_eq!(types.is_binary(content_type), expect, "{content_type:?} among {types:?}");
}

#[test]
fn bodies() {
    check(&[], Some("image/png"), false);
    check(&[], None, false);
    check(&["image/png"], Some("image/png"), true);
    check(&["Image/PNG "], Some(" image/png ; charset=x"), true);
    check(&["image/png"], Some("image/jpeg"), false);
    check(&["image/png"], Some(""), false);
    check(&["image/*"], Some("image/png"), false);
    check(&["application/json"], None, true);
    check(&["*/*"], None, true);
    check(&["text/plain", "*/*"], Some("no type at all"), true);
}

#[test]
fn answers() {
    let types = MediaTypes::new(&["image/png".to_owned()]);
    for (accept, expect) in [
        (Some("image/png"), true),
        (Some("image/png;q=0.5, text/html"), true),
        (Some("text/html, image/png"), false),
        (Some("*/*"), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(types.is_accepted(accept), expect, "{accept:?}");
    }
}
