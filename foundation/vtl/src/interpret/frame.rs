//! The names of a macro while it runs: its arguments, by name, and what it sets under their names.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Interpreter, RenderError};
use crate::ast::{Call, Expr, Macro};
use crate::value::Value;

pub(super) struct Frame {
    definition: Arc<Macro>,
    call: Arc<Call>,
    /// The frame of the caller, where arguments are evaluated and other names are looked up.
    parent: usize,
    locals: HashMap<Arc<str>, Value>,
    /// Parameters that were taken away while the macro ran.
    removed: Vec<usize>,
}

impl Frame {
    pub fn new(definition: &Arc<Macro>, call: &Arc<Call>, parent: usize) -> Frame {
        Frame {
            definition: definition.clone(),
            call: call.clone(),
            parent,
            locals: HashMap::new(),
            removed: Vec::new(),
        }
    }

    pub fn set_local(&mut self, name: Arc<str>, value: Value) {
        self.locals.insert(name, value);
    }

    /// The position of a parameter that has an argument.
    fn parameter(&self, name: &str) -> Option<usize> {
        let position = self.definition.parameters.iter().position(|p| *p.name == *name)?;
        (position < self.call.arguments.len() && !self.removed.contains(&position)).then_some(position)
    }
}

impl Interpreter<'_> {
    /// The value of a name, arguments of macros evaluated.
    pub(super) fn get(&mut self, name: &str) -> Result<Value, RenderError> {
        let mut at = self.frame;
        while at > 0 {
            let frame = &self.frames[at - 1];
            if let Some(value) = frame.locals.get(name) {
                return Ok(value.clone());
            }
            if let Some(position) = frame.parameter(name) {
                let (call, parent) = (frame.call.clone(), frame.parent);
                let saved = std::mem::replace(&mut self.frame, parent);
                let value = self.value(&call.arguments[position].value);
                self.frame = saved;
                return value;
            }
            at = frame.parent;
        }
        Ok(self.context.get(name))
    }

    /// Sets a name, or removes it with null: in every macro that runs and among the global variables, as Velocity's contexts do. Macros look at their own first.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        let mut at = self.frame;
        while at > 0 {
            let frame = &mut self.frames[at - 1];
            at = frame.parent;
            if value.is_null() {
                frame.locals.remove(name);
                if let Some(position) = frame.parameter(name) {
                    frame.removed.push(position);
                }
            } else {
                frame.locals.insert(name.into(), value.clone());
            }
        }
        match self.context.variables.get_mut(name) {
            Some(slot) if !value.is_null() => *slot = value,
            _ => self.context.set(name, value),
        }
    }

    /// What a parameter without value prints instead of its own name: the argument's source.
    pub(super) fn argument_literal(&self, literal: &str) -> Option<Box<str>> {
        let mut at = self.frame;
        while at > 0 {
            let frame = &self.frames[at - 1];
            let position = frame.definition.parameters.iter().position(|p| *p.literal == *literal);
            if let Some(argument) = position.and_then(|position| frame.call.arguments.get(position))
                && matches!(argument.value, Expr::Reference(_))
            {
                return Some(argument.literal.clone());
            }
            at = frame.parent;
        }
        None
    }
}
