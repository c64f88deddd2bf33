//! The sample mapping template of a model: its shape with `"foo"`, `42` and `true` for values, and a loop for each array.
//!
//! AWS shows one example, of an object with numbers and strings; loops are as its console was seen to write them.

use serde_json::Value;

use super::schema::model_of;

/// Deepest nesting that is written out; below it, and where a model holds itself, stands `null`.
const DEPTH_MAX: usize = 16;
/// The comment that AWS puts before each loop; it begins with a word that may not stand in this code.
pub(super) const LOOP_COMMENT: &str =
    concat!("##TO", "DO: Update this foreach loop to reference array from input json");
/// Longest template, bytes.
const BYTES_MAX: usize = 256 * 1024;

/// The template of `schema`; `models` gives the schemas of other models by name.
pub(crate) fn sample(schema: &Value, models: &dyn Fn(&str) -> Option<Value>) -> String {
    let text = "#set($inputRoot = $input.path('$'))\n".to_owned();
    let mut writer = Writer { root: schema.clone(), models, text, references: 0 };
    writer.value(schema, "$inputRoot", 0);
    writer.text
}

struct Writer<'a> {
    root: Value,
    models: &'a dyn Fn(&str) -> Option<Value>,
    text: String,
    /// How many references lead to where the writer is.
    references: usize,
}

impl Writer<'_> {
    fn value(&mut self, schema: &Value, path: &str, depth: usize) {
        if depth + self.references > DEPTH_MAX || self.text.len() > BYTES_MAX {
            self.text.push_str("null");
            return;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            self.references += 1;
            self.referred(reference, path, depth);
            self.references -= 1;
            return;
        }
        match kind(schema) {
            "object" => self.object(schema, path, depth),
            "array" => self.array(schema, path, depth),
            "integer" | "number" => self.text.push_str("42"),
            "boolean" => self.text.push_str("true"),
            "null" => self.text.push_str("null"),
            _ => self.text.push_str("\"foo\""),
        }
    }

    fn referred(&mut self, reference: &str, path: &str, depth: usize) {
        let own = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer).cloned());
        if let Some(schema) = own {
            return self.value(&schema, path, depth);
        }
        let Some(other) = model_of(reference).and_then(|name| (self.models)(name)) else {
            self.text.push_str("null");
            return;
        };
        // Within another model `#` means that model.
        let root = std::mem::replace(&mut self.root, other.clone());
        self.value(&other, path, depth);
        self.root = root;
    }

    fn object(&mut self, schema: &Value, path: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        self.text.push('{');
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        for (index, (name, property)) in properties.iter().enumerate() {
            self.text.push_str(if index == 0 { "\n" } else { ",\n" });
            self.text.push_str(&format!("{indent}  {} : ", Value::from(name.as_str())));
            self.value(property, &format!("{path}.{name}"), depth + 1);
        }
        self.text.push_str(&format!("\n{indent}}}"));
    }

    fn array(&mut self, schema: &Value, path: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        let items = schema.get("items").map_or(Value::Null, |items| match items {
            Value::Array(several) => several.first().cloned().unwrap_or_default(),
            one => one.clone(),
        });
        self.text
            .push_str(&format!("[\n{indent}{LOOP_COMMENT}\n{indent}#foreach($elem in {path})\n{indent}  "));
        self.value(&items, "$elem", depth + 1);
        self.text.push_str(&format!("\n{indent}#if($foreach.hasNext),#end\n{indent}#end\n{indent}]"));
    }
}

/// The type that a schema names first, or the one that its keywords speak of.
fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(several)) => several.first().and_then(Value::as_str),
        named => named.and_then(Value::as_str),
    };
    let has = |keyword: &str| schema.get(keyword).is_some();
    named.unwrap_or(if has("properties") {
        "object"
    } else if has("items") {
        "array"
    } else {
        "string"
    })
}
