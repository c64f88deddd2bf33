//! References: their values, what they print, and assignments to them.

use super::{Flow, Interpreter, RenderError, Rendered, fail};
use crate::ast::{At, Part, PartKind, Reference};
use crate::methods::{self, Outcome};
use crate::value::Value;

impl Interpreter<'_> {
    /// The value of a reference; null as soon as one of its parts is.
    pub(super) fn resolve(&mut self, reference: &Reference) -> Result<Value, RenderError> {
        if !reference.computable || reference.runt {
            return Ok(Value::Null);
        }
        self.last = reference.at;
        self.budget.step(1).map_err(|m| fail(reference.at, m))?;
        let mut value = self.get(&reference.root)?;
        for part in &reference.parts {
            if value.is_null() {
                return Ok(value);
            }
            value = self.part(value, part)?;
        }
        Ok(value)
    }

    fn part(&mut self, value: Value, part: &Part) -> Result<Value, RenderError> {
        let at = part.at;
        match &part.kind {
            PartKind::Property(name) => {
                methods::property(&value, name, &self.budget).map_err(|m| fail(at, m))
            }
            PartKind::Index(index) => {
                let index = self.value(index)?;
                if index.is_null() {
                    return Ok(Value::Null);
                }
                methods::index(&value, &index, &self.budget).map_err(|m| fail(at, m))
            }
            PartKind::Method(name, arguments) => {
                if let (Value::Block(_), "toString", []) = (&value, &**name, &arguments[..]) {
                    return Ok(self.print(&value, at)?.map_or(Value::Null, Value::from));
                }
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    let value = self.value(argument)?;
                    values.push(match value {
                        Value::Block(_) if name.as_ref() != "add" => {
                            self.print(&value, at)?.map_or(Value::Null, Value::from)
                        }
                        value => value,
                    });
                }
                match methods::call(&value, name, &values, &self.budget) {
                    Ok(Outcome::Value(value)) => Ok(value),
                    Ok(Outcome::Unknown) => Ok(Value::Null),
                    Err(message) => Err(fail(at, format!("Invocation of method '{name}' failed: {message}"))),
                }
            }
        }
    }

    pub(super) fn print_reference(&mut self, reference: &Reference, out: &mut String) -> Rendered {
        if reference.runt {
            self.write(out, &reference.root, reference.at)?;
            return Ok(Flow::Next);
        }
        let at = reference.at;
        let value = self.resolve(reference)?;
        if reference.escaped {
            self.write(out, &reference.escapes, at)?;
            if value.is_null() {
                self.write(out, "\\", at)?;
            }
            self.write_null_text(reference, out)?;
            return Ok(Flow::Next);
        }
        if let Value::Block(deferred) = &value {
            let mark = out.len();
            self.write(out, &reference.escapes, at)?;
            self.write(out, &reference.prefix, at)?;
            if let Some(flow) = self.deferred(deferred, out)? {
                return Ok(flow);
            }
            out.truncate(mark);
        } else if let Some(text) = self.print(&value, at)? {
            self.write(out, &reference.escapes, at)?;
            self.write(out, &reference.prefix, at)?;
            self.write(out, &text, at)?;
            return Ok(Flow::Next);
        }
        // Without value it is text, and its backslashes do not escape each other.
        self.write(out, &reference.escapes, at)?;
        self.write(out, &reference.escapes, at)?;
        self.write(out, &reference.prefix, at)?;
        if !self.context.quiet || !reference.computable {
            self.write_null_text(reference, out)?;
        }
        Ok(Flow::Next)
    }

    fn write_null_text(&mut self, reference: &Reference, out: &mut String) -> Result<(), RenderError> {
        match self.argument_literal(&reference.null_text) {
            Some(literal) => self.write(out, &literal, reference.at),
            None => self.write(out, &reference.null_text, reference.at),
        }
    }

    /// `#set($reference = value)`. What cannot be set stays as it is, without an error.
    pub(super) fn assign(&mut self, target: &Reference, new: Value, at: At) -> Result<(), RenderError> {
        let Some((last, path)) = target.parts.split_last() else {
            if target.settable {
                self.put(&target.root, new);
            }
            return Ok(());
        };
        let mut value = self.get(&target.root)?;
        for part in path {
            if value.is_null() {
                return Ok(());
            }
            value = self.part(value, part)?;
        }
        let done = match &last.kind {
            PartKind::Property(name) => methods::set_property(&value, name, &new, &self.budget),
            PartKind::Index(index) => {
                let index = self.value(index)?;
                methods::set_index(&value, &index, &new, &self.budget)
            }
            PartKind::Method(..) => Ok(false),
        };
        done.map(|_| ()).map_err(|m| fail(at, m))
    }
}
