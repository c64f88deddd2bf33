//! What a method checks of a request before it reaches the integration, compiled.
//!
//! AWS: Request validation for REST APIs: required parameters must be there and not blank; a body is checked against the model of its
//! content type, else against that of `$default`; without either it passes. Models are JSON Schema, draft 4. A reference leads to another
//! model of the API, by name, or into the same schema; nothing else is ever fetched. A schema that refers to itself without end is never
//! evaluated.

mod cycle;
mod message;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Retrieve, Uri, Validator};
use serde_json::Value;

use crate::definition::{ApiDefinition, MethodDefinition, ModelDefinition};

/// Steps back that a pattern may take on one text.
const BACKTRACKS_MAX: usize = 100_000;
/// Size of a compiled pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// What is checked.
#[derive(Debug, Default)]
pub struct Validation {
    /// Parameters that must be there, in the order in which AWS names them.
    pub required: Vec<Required>,
    /// Models by content type, in lower case, or `$default`.
    bodies: Vec<(String, Arc<Model>)>,
}

/// A parameter that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// A header, as it was defined.
    Header(String),
    /// A path parameter.
    Path(String),
    /// A query parameter.
    Query(String),
}

impl Required {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Required::Header(name) | Required::Path(name) | Required::Query(name) => name,
        }
    }
}

impl Validation {
    /// The model that a body of this media type (without parameters) must fit, and the content type that it stands for.
    pub fn model(&self, media_type: &str) -> Option<(&str, &Arc<Model>)> {
        let named = |wanted: &str| self.bodies.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted));
        named(media_type).or_else(|| named("$default")).map(|(known, model)| (known.as_str(), model))
    }
}

/// A compiled model.
#[derive(Debug)]
pub enum Model {
    /// A schema.
    Schema(Box<Validator>),
    /// A schema that cannot be evaluated; the text says why.
    Broken(String),
}

/// Why a body does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It does not fit the schema: AWS's `validationErrorString`.
    Body(String),
    /// The schema cannot be evaluated.
    Model(String),
}

impl Model {
    /// Checks a body.
    ///
    /// # Errors
    /// Why it does not pass.
    pub fn check(&self, body: &[u8]) -> Result<(), Misfit> {
        let validator = match self {
            Model::Schema(validator) => validator,
            Model::Broken(why) => return Err(Misfit::Model(why.clone())),
        };
        // Seen on AWS: what is no JSON, an empty body too, has this text.
        let unread = |_| Misfit::Body("[Unknown error parsing request body]".to_owned());
        let json: Value = serde_json::from_slice(body).map_err(unread)?;
        match validator.is_valid(&json) {
            true => Ok(()),
            false => Err(Misfit::Body(message::of(validator, &json))),
        }
    }
}

/// The validations of an API, each model compiled once.
pub(crate) struct Validations<'a> {
    api: &'a ApiDefinition,
    compiled: HashMap<&'a str, Arc<Model>>,
}

impl<'a> Validations<'a> {
    pub(crate) fn new(api: &'a ApiDefinition) -> Validations<'a> {
        Validations { api, compiled: HashMap::new() }
    }

    /// What a method checks; `None` if nothing.
    pub(crate) fn of(&mut self, method: &'a MethodDefinition) -> Option<Validation> {
        let validator = self.api.request_validators.get(method.request_validator_id.as_deref()?)?;
        let mut validation = Validation::default();
        if validator.validates_parameters {
            let required = method.request_parameters.iter().filter(|(_, is_required)| **is_required);
            validation.required = required.filter_map(|(name, _)| parameter(name)).collect();
        }
        if validator.validates_body {
            for (content_type, name) in &method.request_models {
                if let Some(model) = self.model(name) {
                    validation.bodies.push((content_type.to_ascii_lowercase(), model));
                }
            }
        }
        Some(validation).filter(|found| !found.required.is_empty() || !found.bodies.is_empty())
    }

    /// A model; `None` if it accepts everything.
    fn model(&mut self, name: &'a str) -> Option<Arc<Model>> {
        if let Some(known) = self.compiled.get(name) {
            return Some(Arc::clone(known));
        }
        let compiled = match self.api.models.get(name) {
            None => Err(format!("there is no model {name}")),
            Some(ModelDefinition { schema: None, .. }) => return None,
            Some(_) => compile(&self.api.models, name),
        };
        let model = match compiled {
            Ok(validator) => Model::Schema(Box::new(validator)),
            Err(why) => Model::Broken(format!("Invalid JSON schema of model {name}: {why}")),
        };
        let model = Arc::new(model);
        self.compiled.insert(name, Arc::clone(&model));
        Some(model)
    }
}

/// `method.request.{header|path|querystring}.NAME`.
fn parameter(name: &str) -> Option<Required> {
    let (place, name) = name.strip_prefix("method.request.")?.split_once('.')?;
    let name = name.to_owned();
    match place {
        "header" | "multivalueheader" => Some(Required::Header(name)),
        "path" => Some(Required::Path(name)),
        "querystring" | "multivaluequerystring" => Some(Required::Query(name)),
        _ => None,
    }
}

fn compile(models: &BTreeMap<String, ModelDefinition>, name: &str) -> Result<Validator, String> {
    let schemas = Schemas(
        models
            .iter()
            .filter_map(|(name, model)| {
                let schema = model.schema.as_deref()?;
                Some((name.clone(), serde_json::from_str(schema).map_err(|error| error.to_string())))
            })
            .collect(),
    );
    let schema = schemas.get(name)?.clone();
    cycle::check(&schemas, name)?;
    let patterns =
        PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS_MAX).size_limit(PATTERN_BYTES_MAX);
    let options = jsonschema::options()
        .with_draft(Draft::Draft4)
        .with_pattern_options(patterns)
        .with_retriever(schemas);
    options.should_validate_formats(true).build(&schema).map_err(|error| error.to_string())
}

/// The schemas of an API's models, by name, as far as they are JSON.
struct Schemas(BTreeMap<String, Result<Value, String>>);

impl Schemas {
    fn get(&self, name: &str) -> Result<&Value, String> {
        match self.0.get(name) {
            None => Err(format!("there is no model {name} with a schema")),
            Some(schema) => schema.as_ref().map_err(Clone::clone),
        }
    }
}

/// The model that a reference names, whatever API stands in it: imported and cloned APIs keep their models' references.
fn model_of(reference: &str) -> Option<&str> {
    let path = reference.split_once("://").map_or(reference, |(_, rest)| rest);
    let (_, after) = path.split_once("/restapis/")?;
    let (_, name) = after.split_once("/models/")?;
    Some(name.split(['#', '?']).next().unwrap_or_default().trim_end_matches('/'))
}

impl Retrieve for Schemas {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = model_of(uri.as_str()).ok_or_else(|| format!("{uri} is no model of an API"))?;
        Ok(self.get(name)?.clone())
    }
}

#[cfg(test)]
mod tests;
