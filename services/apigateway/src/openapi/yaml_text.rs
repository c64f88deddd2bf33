//! A JSON tree as YAML, in block style; texts that could be taken for something else are quoted as in JSON, which YAML reads too.

use serde_json::Value as Json;

/// The whole document.
pub(crate) fn yaml(tree: &Json) -> String {
    let mut text = "---\n".to_owned();
    block(tree, 0, &mut text);
    text
}

fn block(value: &Json, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&format!("{indent}{}:", scalar(key)));
                below(value, depth + 1, out);
            }
        }
        Json::Array(list) if !list.is_empty() => {
            for value in list {
                out.push_str(&format!("{indent}-"));
                below(value, depth + 1, out);
            }
        }
        other => out.push_str(&format!("{indent}{}\n", inline(other))),
    }
}

fn below(value: &Json, depth: usize, out: &mut String) {
    let is_nested = match value {
        Json::Object(map) => !map.is_empty(),
        Json::Array(list) => !list.is_empty(),
        _ => false,
    };
    if is_nested {
        out.push('\n');
        block(value, depth, out);
    } else {
        out.push_str(&format!(" {}\n", inline(value)));
    }
}

fn inline(value: &Json) -> String {
    match value {
        Json::String(text) => Json::from(text.as_str()).to_string(),
        other => other.to_string(),
    }
}

/// A key: plain where nothing in it means anything to YAML.
fn scalar(key: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '/' | '.');
    let starts_well = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$' || c == '/');
    let is_word = matches!(
        key.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if starts_well && !is_word && key.chars().all(is_safe) {
        key.to_owned()
    } else {
        Json::from(key).to_string()
    }
}
