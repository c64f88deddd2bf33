//! Any text as a path, any JSON as the document: no panic; a definite path finds one value at most, and the two kinds of tree agree.
//!
//! The input is a path and a document with a zero byte between them.

#![no_main]

use jsonpath::{Found, Node, Path};
use libfuzzer_sys::fuzz_target;
use vtl::Value;

const DOCUMENT: &str = r#"{"a": [1, 2.5, {"b": "c", "d": null}, [true]], "o": {"x y": "z", "n": -1}, "s": "text"}"#;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (path, document) = text.split_once('\0').unwrap_or((text, DOCUMENT));
    let Ok(path) = Path::parse(path) else { return };
    let Ok(json) = serde_json::from_str::<serde_json::Value>(document) else { return };
    let ours = Value::from(&json);
    let (serde, values) = (path.find(&json), path.find_node(ours));
    match (serde, values) {
        (Err(left), Err(right)) => assert_eq!(left, right),
        (Ok(Found::Missing), Ok(Found::Missing)) => {}
        (Ok(Found::One(left)), Ok(Found::One(right))) => assert_eq!(left.len(), right.len()),
        (Ok(Found::Many(left)), Ok(Found::Many(right))) => {
            assert!(!path.is_definite());
            assert_eq!(left.len(), right.len());
        }
        (left, right) => panic!("{left:?} and {right:?}"),
    }
});
