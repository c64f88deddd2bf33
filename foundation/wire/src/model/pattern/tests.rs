//! Java's meaning of patterns that differ, by what they match.

use super::*;

fn check(pattern: &str, accepted: &[&str], refused: &[&str]) {
    let pattern = Pattern::new(pattern.into());
    assert!(pattern.is_checked(), "{}: {}", pattern.text, translate(&pattern.text));
    for text in accepted {
        assert!(pattern.matches(text), "{} accepts {text}: {}", pattern.text, translate(&pattern.text));
    }
    for text in refused {
        assert!(!pattern.matches(text), "{} refuses {text}: {}", pattern.text, translate(&pattern.text));
    }
}

#[test]
fn patterns_mean_what_java_means() {
    check("[a-zA-Z0-9-_]+", &["a-b_9"], &["a b", ""]);
    check("[\\w-]+", &["a-b"], &["\u{e9}"]);
    check("[\\w+=,.@-]+", &["a+b=c,d.e@f-g_h"], &["a b", "a/b"]);
    check("[\\w-\\/.@+=,]{1,3}", &["a/b"], &["abcd", "a b"]);
    check("\\d{12}", &["000000000000"], &["\u{661}00000000000"]);
    check("[\\s\\S]*", &["a\nb", ""], &[]);
    check("\\S+", &["ab"], &["a b"]);
    check("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", &["v1", "1a"], &["123"]);
    check("[0-9A-Za-z\\.\\-_]*(?<!\\.)", &["bucket.x"], &["bucket."]);
    check("\\p{Alnum}+", &["a1"], &["-"]);
    check("[\\p{Print}]+", &["a b"], &["\u{1}"]);
    check("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", &["\u{e9} 1", ""], &["a,b"]);
    check(
        "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
        &["a\u{1f600}\n"],
        &["\u{1}"],
    );
    check("^.{1,100000}$", &["a"], &[""]);
    check("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", &["{}\n"], &["\u{100}"]);
    check("a|b", &["a", "b"], &["ab", "xb"]);
}
