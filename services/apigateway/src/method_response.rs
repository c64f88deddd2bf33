//! Method responses: made from a request, patched, shown.

use plan::definition::MethodResponseDefinition;

use crate::error::Error;
use crate::generated::{MethodResponse, PutMethodResponseRequest};
use crate::mapping;
use crate::patch::{ENTRY, Op, Patch, Rule, check, entry};

/// AWS: Patch Operations, UpdateMethodResponse.
const RULES: &[Rule] = &[("/responseModels/{}", ENTRY), ("/responseParameters/{}", ENTRY)];

/// The response that a request asks for; whether its models are there is the caller's to know.
pub(crate) fn from_request(req: PutMethodResponseRequest) -> Result<MethodResponseDefinition, Error> {
    let response = MethodResponseDefinition {
        response_parameters: req.response_parameters.unwrap_or_default(),
        response_models: req.response_models.unwrap_or_default(),
    };
    response.response_parameters.keys().try_for_each(|key| mapping::check_response_name(key))?;
    mapping::check_content_types(response.response_models.keys())?;
    Ok(response)
}

/// The response as a client sees it.
pub(crate) fn shown(status: &str, response: &MethodResponseDefinition) -> MethodResponse {
    MethodResponse {
        status_code: Some(status.to_owned()),
        response_parameters: (!response.response_parameters.is_empty())
            .then(|| response.response_parameters.clone()),
        response_models: (!response.response_models.is_empty()).then(|| response.response_models.clone()),
    }
}

/// Does what the patches say.
pub(crate) fn apply(response: &mut MethodResponseDefinition, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        match check(RULES, patch)? {
            "/responseModels/{}" => {
                if patch.op != Op::Remove {
                    mapping::check_content_types([&patch.last().to_owned()])?;
                }
                entry(&mut response.response_models, patch, patch.text().to_owned(), Error::NoContentType)?;
            }
            _ => {
                if patch.op != Op::Remove {
                    mapping::check_response_name(patch.last())?;
                }
                entry(&mut response.response_parameters, patch, patch.flag(), Error::NoParameter)?;
            }
        }
    }
    Ok(())
}
