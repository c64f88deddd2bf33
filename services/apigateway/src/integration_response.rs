//! Integration responses: made from a request, patched, shown.

use plan::definition::{IntegrationResponseDefinition, MethodDefinition};

use crate::error::Error;
use crate::generated::{IntegrationResponse, PutIntegrationResponseRequest};
use crate::mapping;
use crate::patch::{ENTRY, Patch, REPLACE, Rule, check, entry};

/// AWS: Patch Operations, UpdateIntegrationResponse.
const RULES: &[Rule] = &[
    ("/contentHandling", REPLACE),
    ("/responseParameters/{}", ENTRY),
    ("/responseTemplates/{}", ENTRY),
    ("/selectionPattern", REPLACE),
];

/// The response that a request asks for.
pub(crate) fn from_request(
    req: PutIntegrationResponseRequest,
    method: &MethodDefinition,
) -> Result<IntegrationResponseDefinition, Error> {
    let response = IntegrationResponseDefinition {
        selection_pattern: req.selection_pattern,
        response_parameters: req.response_parameters.unwrap_or_default(),
        response_templates: req.response_templates.unwrap_or_default(),
        content_handling: req.content_handling,
    };
    check_whole(&response, method, &req.status_code)?;
    Ok(response)
}

/// The response as a client sees it.
pub(crate) fn shown(status: &str, response: &IntegrationResponseDefinition) -> IntegrationResponse {
    IntegrationResponse {
        status_code: Some(status.to_owned()),
        selection_pattern: response.selection_pattern.clone(),
        response_parameters: (!response.response_parameters.is_empty())
            .then(|| response.response_parameters.clone()),
        response_templates: (!response.response_templates.is_empty())
            .then(|| response.response_templates.clone()),
        content_handling: response.content_handling.clone(),
    }
}

/// Does what the patches say.
pub(crate) fn apply(
    response: &mut IntegrationResponseDefinition,
    patches: &[Patch],
    method: &MethodDefinition,
    status: &str,
) -> Result<(), Error> {
    for patch in patches {
        let value = patch.text().to_owned();
        match check(RULES, patch)? {
            "/contentHandling" => response.content_handling = crate::integration::content_handling(patch)?,
            "/selectionPattern" => response.selection_pattern = patch.value.clone(),
            "/responseParameters/{}" => {
                entry(&mut response.response_parameters, patch, value, Error::NoParameter)?;
            }
            _ => entry(&mut response.response_templates, patch, value, Error::NoContentType)?,
        }
    }
    check_whole(response, method, status)
}

fn check_whole(
    response: &IntegrationResponseDefinition,
    method: &MethodDefinition,
    status: &str,
) -> Result<(), Error> {
    mapping::check_content_types(response.response_templates.keys())?;
    mapping::check_integration_response(&response.response_parameters, method, status)
}
