//! Models: made from a request, patched, shown; the two that every API begins with; what refers to a model.
//!
//! The schema of a JSON content type is a JSON schema, draft 4. Other content types may have any text as their schema.

pub(crate) mod schema;
pub(crate) mod template;

use plan::definition::ModelDefinition;

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateModelRequest, Model};
use crate::mapping;
use crate::patch::{Patch, REPLACE, Rule, check_by_op};
use crate::tables::{ModelRecord, ResourceRecord};

/// AWS: Patch Operations, UpdateModel.
const RULES: &[Rule] = &[("/description", REPLACE), ("/schema", REPLACE)];

const DEFAULTS: [(&str, &str, &str); 2] = [
    (
        "Empty",
        "This is a default empty schema model",
        "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}",
    ),
    (
        "Error",
        "This is a default error schema model",
        "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}",
    ),
];

/// The models of a new API.
pub(crate) fn defaults(cx: &Cx, api_id: &str) -> [ModelRecord; 2] {
    DEFAULTS.map(|(name, description, schema)| ModelRecord {
        api_id: api_id.to_owned(),
        model: ModelDefinition {
            id: cx.new_id(6),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            content_type: "application/json".to_owned(),
            schema: Some(schema.to_owned()),
        },
    })
}

/// The model that a request asks for.
pub(crate) fn from_request(req: CreateModelRequest, id: String) -> Result<ModelDefinition, Error> {
    if req.name.is_empty() {
        return Err(Error::EmptyModelName);
    }
    if !req.name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Error::ModelName(req.name));
    }
    mapping::check_content_types([&req.content_type])?;
    let model = ModelDefinition {
        id,
        name: req.name,
        description: req.description.filter(|text| !text.is_empty()),
        content_type: req.content_type,
        schema: Some(req.schema.filter(|text| !text.is_empty()).ok_or(Error::EmptySchema)?),
    };
    check(&model)?;
    Ok(model)
}

/// The model as a client sees it.
pub(crate) fn shown(model: &ModelDefinition) -> Model {
    Model {
        id: Some(model.id.clone()),
        name: Some(model.name.clone()),
        description: model.description.clone(),
        schema: model.schema.clone(),
        content_type: Some(model.content_type.clone()),
    }
}

/// Does what the patches say.
pub(crate) fn apply(model: &mut ModelDefinition, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        match check_by_op(RULES, patch)? {
            "/description" => model.description = patch.filled(),
            _ => model.schema = Some(patch.filled().ok_or(Error::EmptySchema)?),
        }
    }
    check(model)
}

/// True for a content type whose schema is a JSON schema.
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// The names of the models that a schema refers to.
pub(crate) fn references(model: &ModelDefinition) -> Vec<String> {
    let parsed = model.schema.as_deref().filter(|_| is_json(&model.content_type)).map(schema::parse);
    match parsed {
        Some(Ok(schema)) => schema::references(&schema),
        _ => Vec::new(),
    }
}

/// An error that names the first use of the model `name` by a method.
pub(crate) fn check_unused(name: &str, resources: &[ResourceRecord]) -> Result<(), Error> {
    for resource in resources.iter().map(|record| &record.resource) {
        for (verb, method) in &resource.methods {
            let in_use = |part| Error::ModelInUse {
                name: name.to_owned(),
                part,
                method: format!("{}/{verb}", resource.path),
            };
            if method.request_models.values().any(|model| model == name) {
                return Err(in_use("request"));
            }
            let mut models = method.responses.values().flat_map(|response| response.response_models.values());
            if models.any(|model| model == name) {
                return Err(in_use("response"));
            }
        }
    }
    Ok(())
}

fn check(model: &ModelDefinition) -> Result<(), Error> {
    match &model.schema {
        Some(text) if is_json(&model.content_type) => schema::check(text),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
