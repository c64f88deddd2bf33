//! Request validators: made from a request, patched, shown; what refers to one.

use plan::definition::ValidatorDefinition;

use crate::error::Error;
use crate::generated::{CreateRequestValidatorRequest, RequestValidator};
use crate::patch::{Patch, REPLACE, Rule, check_by_op};
use crate::tables::ResourceRecord;

/// AWS: Patch Operations, UpdateRequestValidator, in the order of AWS's text.
const RULES: &[Rule] =
    &[("/name", REPLACE), ("/validateRequestParameters", REPLACE), ("/validateRequestBody", REPLACE)];

/// The validator that a request asks for.
pub(crate) fn from_request(req: CreateRequestValidatorRequest, id: String) -> ValidatorDefinition {
    ValidatorDefinition {
        id,
        name: req.name.unwrap_or_default(),
        validates_body: req.validate_request_body.unwrap_or_default(),
        validates_parameters: req.validate_request_parameters.unwrap_or_default(),
    }
}

/// The validator as a client sees it.
pub(crate) fn shown(validator: &ValidatorDefinition) -> RequestValidator {
    RequestValidator {
        id: Some(validator.id.clone()),
        name: Some(validator.name.clone()).filter(|name| !name.is_empty()),
        validate_request_body: Some(validator.validates_body),
        validate_request_parameters: Some(validator.validates_parameters),
    }
}

/// Does what the patches say; a flag without a value is false.
pub(crate) fn apply(validator: &mut ValidatorDefinition, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        match check_by_op(RULES, patch)? {
            "/name" => validator.name = patch.filled().ok_or(Error::EmptyValidatorName)?,
            "/validateRequestParameters" => validator.validates_parameters = patch.flag(),
            _ => validator.validates_body = patch.flag(),
        }
    }
    Ok(())
}

/// An error that names the first method that the validator checks.
pub(crate) fn check_unused(
    validator: &ValidatorDefinition,
    resources: &[ResourceRecord],
) -> Result<(), Error> {
    for resource in resources.iter().map(|record| &record.resource) {
        for (verb, method) in &resource.methods {
            if method.request_validator_id.as_ref() == Some(&validator.id) {
                let method = format!("{verb}/{}", resource.path);
                return Err(Error::ValidatorInUse { name: validator.name.clone(), method });
            }
        }
    }
    Ok(())
}
