//! `$input`: the payload and the parameters.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jsonpath::{Found, Path};

use super::Parameters;
use crate::value::{Object, Value};

/// Paths that a thread keeps parsed.
const PATHS_MAX: usize = 512;

thread_local! {
    static PATHS: RefCell<HashMap<String, Rc<Path>>> = RefCell::new(HashMap::new());
}

/// What an empty payload is.
const EMPTY: &str = "{}";

pub(super) struct Input {
    body: String,
    parsed: OnceCell<Value>,
    parameters: Parameters,
    maps: OnceCell<Value>,
}

impl Input {
    pub fn new(body: String, parameters: Parameters) -> Input {
        let body = if body.is_empty() { EMPTY.to_owned() } else { body };
        Input { body, parsed: OnceCell::new(), parameters, maps: OnceCell::new() }
    }

    fn document(&self) -> &Value {
        // json-smart in its permissive mode takes a text that is no JSON as a string.
        self.parsed
            .get_or_init(|| Value::from_json(&self.body).unwrap_or_else(|_| Value::text(self.body.as_str())))
    }

    fn find(&self, path: &Value) -> Result<Found<Value>, String> {
        let Some(text) = path.as_text() else { return Err("a JSON path is a string".to_owned()) };
        let path = parsed_path(text)?;
        path.find_node(self.document().clone()).map_err(|e| e.message)
    }

    fn parameter(&self, name: &str) -> Value {
        let parts = [&self.parameters.path, &self.parameters.querystring, &self.parameters.header];
        let exact = parts.iter().find_map(|part| part.iter().find(|(n, _)| n == name));
        let found =
            exact.or_else(|| self.parameters.header.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)));
        Value::text(found.map_or("", |(_, value)| value))
    }

    fn maps(&self) -> Value {
        let map = |part: &Vec<(String, String)>| {
            Value::map(part.iter().map(|(n, v)| (n.as_str(), Value::text(v.as_str()))))
        };
        let all = || {
            let Parameters { path, querystring, header } = &self.parameters;
            Value::map([("path", map(path)), ("querystring", map(querystring)), ("header", map(header))])
        };
        self.maps.get_or_init(all).clone()
    }
}

fn parsed_path(text: &str) -> Result<Rc<Path>, String> {
    if let Some(path) = PATHS.with_borrow(|paths| paths.get(text).cloned()) {
        return Ok(path);
    }
    let path = Rc::new(Path::parse(text).map_err(|e| format!("Invalid JSON path {text}: {e}"))?);
    PATHS.with_borrow_mut(|paths| {
        if paths.len() >= PATHS_MAX {
            paths.clear();
        }
        paths.insert(text.to_owned(), path.clone());
    });
    Ok(path)
}

impl Object for Input {
    fn property(&self, name: &str) -> Value {
        match name {
            "body" => Value::text(self.body.as_str()),
            _ => Value::Null,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        match (name, arguments) {
            ("json", [path]) => Ok(Some(match self.find(path)? {
                Found::One(value) => Value::from(value.to_json()?),
                Found::Many(values) => Value::from(<Value as jsonpath::Node>::array(values).to_json()?),
                Found::Missing => Value::text("\"\""),
            })),
            ("path", [path]) => Ok(Some(match self.find(path)? {
                Found::One(value) => value,
                Found::Many(values) => <Value as jsonpath::Node>::array(values),
                Found::Missing => Value::Null,
            })),
            ("params", []) => Ok(Some(self.maps())),
            ("params", [Value::Text(name)]) => Ok(Some(self.parameter(name))),
            _ => Ok(None),
        }
    }
}
