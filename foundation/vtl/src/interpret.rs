//! A template evaluated: blocks to text.
//!
//! Variables are looked up from the innermost macro outwards, as Velocity's contexts are. Arguments of macros are evaluated by name, each time they are met.

mod expression;
mod foreach;
mod frame;
mod reference;

use std::rc::Rc;
use std::sync::Arc;

use crate::ast::{At, Block, Call, Expr, Macro, Node};
use crate::budget::{Budget, Limits};
use crate::value::{Deferred, List, Value};
use crate::{Context, RenderError, parser, text};
use frame::Frame;

/// Why a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// At its end.
    Next,
    /// At a `#break`, which the nearest loop, macro or `#evaluate` takes; or the loop at this depth.
    Break(Option<usize>),
    /// At a `#stop`.
    Stop,
}

pub(crate) type Rendered = Result<Flow, RenderError>;

pub(crate) struct Interpreter<'c> {
    context: &'c mut Context,
    limits: &'c Limits,
    budget: Budget,
    macros: Vec<Arc<Macro>>,
    frames: Vec<Frame>,
    /// The frame in which names are looked up; 0 is none, n is `frames[n - 1]`.
    frame: usize,
    /// The loops that run, the innermost last.
    loops: Vec<Rc<foreach::Scope>>,
    macro_depth: usize,
    nesting: usize,
    /// The place last met, for errors that have none of their own.
    last: At,
}

pub(crate) fn render(
    block: &Block,
    macros: &[Arc<Macro>],
    context: &mut Context,
    limits: &Limits,
) -> Result<String, RenderError> {
    let mut interpreter = Interpreter {
        context,
        limits,
        budget: Budget::new(limits),
        macros: macros.to_vec(),
        frames: Vec::new(),
        frame: 0,
        loops: Vec::new(),
        macro_depth: 0,
        nesting: 0,
        last: At { line: 1, column: 1 },
    };
    let mut out = String::new();
    match interpreter.block(block, &mut out) {
        Ok(_) => Ok(out),
        Err(error) if error.line == 0 => Err(fail(interpreter.last, error.message)),
        Err(error) => Err(error),
    }
}

/// An error at a place.
fn fail(at: At, message: impl Into<String>) -> RenderError {
    RenderError { line: at.line, column: at.column, message: message.into() }
}

impl Interpreter<'_> {
    fn write(&self, out: &mut String, text: &str, at: At) -> Result<(), RenderError> {
        self.budget.charge(text.len()).map_err(|m| fail(at, m))?;
        if out.len() + text.len() > self.limits.output_bytes {
            return Err(fail(at, format!("the output is larger than {} bytes", self.limits.output_bytes)));
        }
        out.push_str(text);
        Ok(())
    }

    fn deeper(&mut self, at: At) -> Result<(), RenderError> {
        self.nesting += 1;
        if self.nesting > self.limits.nesting {
            return Err(fail(at, "the template is nested too deeply"));
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, out: &mut String) -> Rendered {
        self.deeper(At::default())?;
        for node in block {
            match self.node(node, out)? {
                Flow::Next => {}
                flow => {
                    self.nesting -= 1;
                    return Ok(flow);
                }
            }
        }
        self.nesting -= 1;
        Ok(Flow::Next)
    }

    fn node(&mut self, node: &Node, out: &mut String) -> Rendered {
        self.budget.step(1).map_err(|m| fail(At::default(), m))?;
        match node {
            Node::Text(text) => self.write(out, text, At::default())?,
            Node::Reference(reference) => return self.print_reference(reference, out),
            Node::Set { target, value, at } => {
                self.last = *at;
                let value = self.value(value)?;
                // Velocity assigns nothing when there is nothing to assign.
                if !value.is_null() {
                    self.assign(target, value, *at)?;
                }
            }
            Node::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.truth(condition)? {
                        return self.block(body, out);
                    }
                }
                return self.block(otherwise, out);
            }
            Node::Foreach { variable, list, body, at } => {
                return self.foreach(variable, list, body, *at, out);
            }
            Node::Define { name, body } => {
                let deferred = Deferred { block: body.clone(), frame: self.frame, depth: Rc::default() };
                self.put(name, Value::Block(deferred));
            }
            Node::Call(call) => return self.call(call, out),
            Node::Evaluate { source, at } => return self.evaluate(source, *at, out),
            Node::Break(scope) => {
                let scope = match scope {
                    Some(scope) => self.value(scope)?,
                    None => return Ok(Flow::Break(None)),
                };
                return Ok(Flow::Break(self.loop_of(&scope)));
            }
            Node::Stop => return Ok(Flow::Stop),
            Node::Load { source, at } => {
                let name = match source {
                    Some(source) => self.value(source)?,
                    None => Value::Null,
                };
                let name = text::to_text(&name, &self.budget).map_err(|m| fail(*at, m))?.unwrap_or_default();
                return Err(fail(*at, format!("Unable to find resource '{name}'")));
            }
        }
        Ok(Flow::Next)
    }

    fn call(&mut self, call: &Arc<Call>, out: &mut String) -> Rendered {
        let Some(found) = self.macros.iter().find(|m| m.name == call.name).cloned() else {
            self.write(out, &call.literal, call.at)?;
            return Ok(Flow::Next);
        };
        if let Some(word) = &call.bad_word {
            return Err(fail(call.at, format!("Invalid arg '{word}' in macro #{}", call.name)));
        }
        if self.macro_depth >= self.limits.macro_depth {
            let message = format!(
                "Max calling depth of {} was exceeded in macro '{}'",
                self.limits.macro_depth, call.name
            );
            return Err(fail(call.at, message));
        }
        let frame = Frame::new(&found, call, self.frame);
        self.frames.push(frame);
        let caller = std::mem::replace(&mut self.frame, self.frames.len());
        if let Some(body) = &call.body {
            let body = Deferred { block: body.clone(), frame: caller, depth: Rc::default() };
            self.frames[self.frame - 1].set_local("bodyContent".into(), Value::Block(body));
        }
        self.macro_depth += 1;
        let flow = self.block(&found.body, out);
        self.macro_depth -= 1;
        self.frames.pop();
        self.frame = caller;
        Ok(match flow? {
            Flow::Break(None) => Flow::Next,
            flow => flow,
        })
    }

    fn evaluate(&mut self, source: &Expr, at: At, out: &mut String) -> Rendered {
        let source = self.value(source)?;
        let Some(source) = text::to_text(&source, &self.budget).map_err(|m| fail(at, m))? else {
            return Ok(Flow::Next);
        };
        // Parsing costs about as much as evaluating.
        self.budget.step(source.len()).map_err(|m| fail(at, m))?;
        self.budget.charge(source.len() * 16).map_err(|m| fail(at, m))?;
        let mut macros = Vec::new();
        let block =
            parser::parse(&source, Some(at), 0, &mut macros).map_err(|(fault, _)| fail(at, fault.message))?;
        for found in macros {
            if !self.macros.iter().any(|m| m.name == found.name) {
                self.macros.push(found);
            }
        }
        Ok(match self.block(&block, out)? {
            Flow::Break(None) | Flow::Stop => Flow::Next,
            flow => flow,
        })
    }

    /// Renders a block that was put aside. None when it is within itself too often.
    fn deferred(&mut self, deferred: &Deferred, out: &mut String) -> Result<Option<Flow>, RenderError> {
        /// Velocity: `directive.define.max.depth`.
        const WITHIN_ITSELF_MAX: usize = 2;
        if deferred.depth.get() >= WITHIN_ITSELF_MAX {
            return Ok(None);
        }
        deferred.depth.set(deferred.depth.get() + 1);
        let frame = std::mem::replace(&mut self.frame, deferred.frame.min(self.frames.len()));
        let flow = self.block(&deferred.block, out);
        self.frame = frame;
        deferred.depth.set(deferred.depth.get() - 1);
        Ok(Some(match flow? {
            Flow::Break(None) => Flow::Next,
            flow => flow,
        }))
    }

    /// What a value prints; a block is rendered.
    fn print(&mut self, value: &Value, at: At) -> Result<Option<String>, RenderError> {
        match value {
            Value::Block(deferred) => {
                let mut out = String::new();
                Ok(self.deferred(deferred, &mut out)?.map(|_| out))
            }
            value => text::to_text(value, &self.budget).map_err(|m| fail(at, m)),
        }
    }

    fn new_list(&self, items: Vec<Value>, at: At) -> Result<Value, RenderError> {
        self.budget.charge(48 * (items.len() + 1)).map_err(|m| fail(at, m))?;
        Ok(Value::List(List::new(items, crate::value::Flavor::List)))
    }
}
