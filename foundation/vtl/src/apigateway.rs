//! The variables of API Gateway's mapping templates: `$input`, `$util`, `$context`, `$stageVariables`.
//!
//! AWS: Variables for data transformations for API Gateway. The body is parsed at most once, when a template first asks for it, and never copied.
//!
//! Where AWS's documents are silent, and what was chosen (LocalStack's recordings on AWS and json-smart's behaviour as guides):
//! - A reference without value prints nothing, as users report of API Gateway; Velocity prints its source.
//! - `$input.path` of a path that leads nowhere has no value, `$input.json` of one is `""`; a parameter that is not there is the empty string.
//! - `$input.path` of a map prints `{a=1}`, of an array JSON; `$input.json` prints compact JSON.
//! - An empty body counts as `{}`; a body that is not JSON counts as one string.

mod context;
mod input;
mod util;

use std::cell::RefCell;
use std::rc::Rc;

use crate::value::Value;
use crate::{Context, Limits, RenderError, Template};

/// Where `$context` takes its variables from.
pub trait Variables {
    /// A variable directly beneath `$context`, asked for only when a template uses it: `httpMethod`, `identity` (a map), `authorizer` (a map).
    fn context(&self, name: &str) -> Option<Value>;
}

/// The parameters of a request, by where they were.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Of the path, by the names in `{}`.
    pub path: Vec<(String, String)>,
    /// Of the query string.
    pub querystring: Vec<(String, String)>,
    /// Headers, named as the client did.
    pub header: Vec<(String, String)>,
}

/// What a template works on.
pub struct Inputs {
    /// The payload: the request's, or the integration's response.
    pub body: String,
    /// `$input.params`.
    pub parameters: Parameters,
    /// `$stageVariables`.
    pub stage_variables: Vec<(String, String)>,
    /// `$context`.
    pub variables: Rc<dyn Variables>,
    /// What an earlier template of the same exchange overrode: the response's template sees what the request's set.
    pub overrides: Overrides,
}

/// What a template set beneath `$context.requestOverride` and `$context.responseOverride`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `$context.requestOverride.header.NAME`: names and values, several where a list was set.
    pub request_header: Vec<(String, Vec<String>)>,
    /// `$context.requestOverride.querystring.NAME`.
    pub request_querystring: Vec<(String, Vec<String>)>,
    /// `$context.requestOverride.path.NAME`.
    pub request_path: Vec<(String, Vec<String>)>,
    /// `$context.responseOverride.header.NAME`.
    pub response_header: Vec<(String, Vec<String>)>,
    /// `$context.responseOverride.status`, as the template wrote it.
    pub response_status: Option<String>,
}

/// What came of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The payload.
    pub body: String,
    /// What was overridden, by this template or an earlier one.
    pub overrides: Overrides,
}

/// Renders a mapping template.
///
/// # Errors
/// As [`Template::render`]; also a JSON path that cannot be parsed, and `$util` functions that cannot do what they are asked.
pub fn render(template: &Template, inputs: Inputs, limits: &Limits) -> Result<Output, RenderError> {
    let overrides = Rc::new(RefCell::new(inputs.overrides));
    let mut scope = Context::quiet();
    scope.set("input", Value::Object(Rc::new(input::Input::new(inputs.body, inputs.parameters))));
    scope.set("util", Value::Object(Rc::new(util::Util)));
    scope.set("context", Value::Object(Rc::new(context::Root::new(inputs.variables, overrides.clone()))));
    scope.set(
        "stageVariables",
        Value::map(inputs.stage_variables.into_iter().map(|(name, value)| (name, Value::from(value)))),
    );
    let body = template.render(&mut scope, limits)?;
    let overrides = overrides.borrow().clone();
    Ok(Output { body, overrides })
}
