//! `$context`: variables asked for when used, and the overrides.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Overrides, Variables};
use crate::text::to_text_unbounded;
use crate::value::{Map, Object, Value};

type Shared = Rc<RefCell<Overrides>>;

/// One of the lists of overrides.
type Place = fn(&mut Overrides) -> &mut Vec<(String, Vec<String>)>;

/// `$context` itself.
pub(super) struct Root {
    variables: Rc<dyn Variables>,
    overrides: Shared,
    /// What the template set beneath `$context` otherwise, which lasts as long as the template.
    own: Map,
}

impl Root {
    pub fn new(variables: Rc<dyn Variables>, overrides: Shared) -> Root {
        Root { variables, overrides, own: Map::default() }
    }
}

impl Object for Root {
    fn property(&self, name: &str) -> Value {
        match name {
            "requestOverride" => {
                Value::Object(Rc::new(Override { side: Side::Request, overrides: self.overrides.clone() }))
            }
            "responseOverride" => {
                Value::Object(Rc::new(Override { side: Side::Response, overrides: self.overrides.clone() }))
            }
            name => self
                .own
                .get(name)
                .or_else(|| self.variables.context(name))
                .map_or_else(|| Value::text(""), present),
        }
    }

    fn set_property(&self, name: &str, value: &Value) -> bool {
        if matches!(name, "requestOverride" | "responseOverride")
            || matches!(value, Value::List(_) | Value::Map(_))
        {
            return false;
        }
        self.own.0.entries.borrow_mut().insert(crate::Key::Text(name.into()), value.clone());
        true
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        match (name, arguments) {
            ("get", [Value::Text(name)]) => Ok(Some(self.property(name))),
            _ => Ok(None),
        }
    }
}

/// Maps beneath `$context` print nothing for what they do not have.
fn present(value: Value) -> Value {
    match value {
        Value::Map(map) => Value::Object(Rc::new(Members(map))),
        value => value,
    }
}

struct Members(Map);

impl Object for Members {
    fn property(&self, name: &str) -> Value {
        self.0.get(name).filter(|v| !v.is_null()).map_or_else(|| Value::text(""), present)
    }

    fn plain(&self) -> Option<Value> {
        Some(Value::Map(self.0.clone()))
    }

    fn text(&self) -> Option<String> {
        Some(to_text_unbounded(&Value::Map(self.0.clone())))
    }
}

#[derive(Clone, Copy)]
enum Side {
    Request,
    Response,
}

/// `$context.requestOverride` or `$context.responseOverride`.
struct Override {
    side: Side,
    overrides: Shared,
}

impl Object for Override {
    fn property(&self, name: &str) -> Value {
        let list: Place = match (self.side, name) {
            (Side::Request, "header") => |o| &mut o.request_header,
            (Side::Request, "querystring") => |o| &mut o.request_querystring,
            (Side::Request, "path") => |o| &mut o.request_path,
            (Side::Response, "header") => |o| &mut o.response_header,
            (Side::Response, "status") => {
                return Value::text(self.overrides.borrow().response_status.as_deref().unwrap_or_default());
            }
            _ => return Value::text(""),
        };
        Value::Object(Rc::new(Named { list, overrides: self.overrides.clone() }))
    }

    fn set_property(&self, name: &str, value: &Value) -> bool {
        if let (Side::Response, "status") = (self.side, name) {
            self.overrides.borrow_mut().response_status = Some(to_text_unbounded(value));
            return true;
        }
        let (Value::Object(named), Value::Map(map)) = (self.property(name), value) else { return false };
        map.entries()
            .iter()
            .all(|(key, value)| named.set_property(&to_text_unbounded(&key.to_value()), value))
    }
}

/// Names and values that are overridden at one place.
struct Named {
    list: Place,
    overrides: Shared,
}

/// Names that one place may override.
const OVERRIDES_MAX: usize = 1_000;

impl Object for Named {
    fn property(&self, name: &str) -> Value {
        let mut overrides = self.overrides.borrow_mut();
        match (self.list)(&mut overrides).iter().find(|(n, _)| n == name) {
            None => Value::text(""),
            Some((_, values)) if values.len() == 1 => Value::text(values[0].as_str()),
            Some((_, values)) => Value::list(values.iter().map(|v| Value::text(v.as_str())).collect()),
        }
    }

    fn set_property(&self, name: &str, value: &Value) -> bool {
        let values = match value {
            Value::List(list) => list.items().iter().map(to_text_unbounded).collect(),
            value => vec![to_text_unbounded(value)],
        };
        let mut overrides = self.overrides.borrow_mut();
        let list = (self.list)(&mut overrides);
        match list.iter().position(|(n, _)| n == name) {
            Some(at) => list[at].1 = values,
            None if list.len() < OVERRIDES_MAX => list.push((name.to_owned(), values)),
            None => return false,
        }
        true
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        match (name, arguments) {
            ("get", [Value::Text(name)]) => Ok(Some(self.property(name))),
            ("put", [Value::Text(name), value]) => {
                let old = self.property(name);
                self.set_property(name, value);
                Ok(Some(old))
            }
            _ => Ok(None),
        }
    }
}
