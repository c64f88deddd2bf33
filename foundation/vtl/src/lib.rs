//! Velocity 1.7, the language of API Gateway's mapping templates.
//!
//! A template is parsed once ([`Template::parse`]) into a tree that threads share, and rendered against a [`Context`] as often as wanted.
//! What is printed, down to the white space and the text of references without value, is what Velocity 1.7 prints; Debian's `velocity` is the oracle of the tests.
//! [`apigateway`] has the variables of API Gateway: `$input`, `$util`, `$context`, `$stageVariables`.
//!
//! What always holds: no input makes it panic; parsing and rendering take time and memory in proportion to the template and the output, within [`Limits`];
//! whatever stops a template names the line and the column.
//!
//! Known differences from Java:
//! - `keySet()`, `values()`, `entrySet()` and `subList()` are copies: changing them does not change what they came from.
//! - Reflection does not exist: `$x.class` has no value. There is nothing to load: `#include` and `#parse` fail.
//! - An array (`$text.split(",")`) prints its elements, where Java prints the array's address.
//! - Integers beyond 128 bits become floating point numbers. A collection cannot be put into itself.
//! - Regular expressions are Rust's with look-around and back-references; what only Java has (possessive quantifiers, `\p{javaLowerCase}`) is refused.

pub mod apigateway;
mod ast;
mod budget;
mod interpret;
mod json;
mod lexer;
mod methods;
mod number;
mod parser;
mod regex;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use budget::Limits;
pub use parser::NESTING_MAX;
pub use value::{Key, List, Map, Object, Value};

/// Bytes that a template may have. AWS: Quotas for configuring and running a REST API: 300 KB.
pub const TEMPLATE_LEN_MAX: usize = 300 * 1024;

/// A parsed template.
#[derive(Debug)]
pub struct Template {
    block: ast::Block,
    macros: Vec<Arc<ast::Macro>>,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// What is wrong there, in Velocity's words where it has any.
    pub message: String,
}

/// Why a template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// What went wrong there.
    pub message: String,
}

/// The variables that a template begins with, and those that it sets.
#[derive(Debug, Default)]
pub struct Context {
    pub(crate) variables: HashMap<Arc<str>, Value>,
    pub(crate) quiet: bool,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// The first place at which Velocity 1.7 would refuse the text, or a limit ([`NESTING_MAX`], [`TEMPLATE_LEN_MAX`]).
    pub fn parse(source: &str) -> Result<Template, ParseError> {
        if source.len() > TEMPLATE_LEN_MAX {
            let message = format!("a template is larger than {TEMPLATE_LEN_MAX} bytes");
            return Err(ParseError { line: 1, column: 1, message });
        }
        let mut macros = Vec::new();
        match parser::parse(source, None, 0, &mut macros) {
            Ok(block) => Ok(Template { block, macros }),
            Err((fault, at)) => Err(ParseError { line: at.line, column: at.column, message: fault.message }),
        }
    }

    /// Renders the template. What it sets stays in the context.
    ///
    /// # Errors
    /// A method that fails as it would in Java, `#include` and `#parse`, and every limit.
    pub fn render(&self, context: &mut Context, limits: &Limits) -> Result<String, RenderError> {
        interpret::render(&self.block, &self.macros, context, limits)
    }
}

impl Context {
    /// A context without variables.
    pub fn new() -> Context {
        Context::default()
    }

    /// A context in which every reference without value prints nothing, as if all were written `$!x`. API Gateway's is so.
    pub fn quiet() -> Context {
        Context { variables: HashMap::new(), quiet: true }
    }

    /// Sets a variable; null removes it.
    pub fn set(&mut self, name: &str, value: Value) {
        match value {
            Value::Null => self.variables.remove(name),
            value => self.variables.insert(name.into(), value),
        };
    }

    /// A variable, null if there is none.
    pub fn get(&self, name: &str) -> Value {
        self.variables.get(name).cloned().unwrap_or(Value::Null)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at [line {}, column {}]", self.message, self.line, self.column)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at [line {}, column {}]", self.message, self.line, self.column)
    }
}

impl std::error::Error for ParseError {}
impl std::error::Error for RenderError {}
