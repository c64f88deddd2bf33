//! Methods: made from a request, patched, shown.

use plan::definition::MethodDefinition;

use crate::error::Error;
use crate::generated::{Method, PutMethodRequest};
use crate::mapping;
use crate::patch::{ELEMENT, ENTRY, Op, Patch, REPLACE, Rule, check, element, entry};
use crate::tables::ResourceRecord;

/// AWS: Patch Operations, UpdateMethod.
const RULES: &[Rule] = &[
    ("/apiKeyRequired", REPLACE),
    ("/authorizationScopes", ELEMENT),
    ("/authorizationType", REPLACE),
    ("/authorizerId", REPLACE),
    ("/operationName", REPLACE),
    ("/requestModels/{}", ENTRY),
    ("/requestParameters/{}", ENTRY),
    ("/requestValidatorId", REPLACE),
];

/// Checks the name of a method.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    match name {
        "GET" | "PUT" | "POST" | "DELETE" | "PATCH" | "OPTIONS" | "HEAD" | "ANY" => Ok(()),
        _ => Err(Error::Enumeration {
            name: "HttpMethod",
            options: "GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        }),
    }
}

/// The method `name` of a resource.
pub(crate) fn find<'a>(
    record: &'a mut ResourceRecord,
    name: &str,
) -> Result<&'a mut MethodDefinition, Error> {
    record.resource.methods.get_mut(name).ok_or(Error::NoMethod)
}

/// The method that a request asks for; whether what it refers to is there is [`crate::references`]'s to know.
pub(crate) fn from_request(req: PutMethodRequest) -> Result<MethodDefinition, Error> {
    check_name(&req.http_method)?;
    let method = MethodDefinition {
        authorization_type: authorization_type(&req.authorization_type)?,
        authorizer_id: req.authorizer_id.filter(|id| !id.is_empty()),
        authorization_scopes: req.authorization_scopes.unwrap_or_default(),
        request_validator_id: req.request_validator_id.filter(|id| !id.is_empty()),
        api_key_required: req.api_key_required.unwrap_or_default(),
        operation_name: req.operation_name.filter(|name| !name.is_empty()),
        request_parameters: req.request_parameters.unwrap_or_default(),
        request_models: req.request_models.unwrap_or_default(),
        ..MethodDefinition::default()
    };
    mapping::check_request_names(&method.request_parameters)?;
    mapping::check_content_types(method.request_models.keys())?;
    Ok(method)
}

/// The method as a client sees it.
pub(crate) fn shown(name: &str, method: &MethodDefinition) -> Method {
    let responses = || {
        let all = method.responses.iter();
        all.map(|(status, response)| (status.clone(), crate::method_response::shown(status, response)))
            .collect()
    };
    Method {
        http_method: Some(name.to_owned()),
        authorization_type: Some(method.authorization_type.clone()),
        authorizer_id: method.authorizer_id.clone(),
        api_key_required: Some(method.api_key_required),
        request_validator_id: method.request_validator_id.clone(),
        operation_name: method.operation_name.clone(),
        request_parameters: (!method.request_parameters.is_empty())
            .then(|| method.request_parameters.clone()),
        request_models: (!method.request_models.is_empty()).then(|| method.request_models.clone()),
        method_responses: (!method.responses.is_empty()).then(responses),
        method_integration: method.integration.as_ref().map(crate::integration::shown),
        authorization_scopes: (!method.authorization_scopes.is_empty())
            .then(|| method.authorization_scopes.clone()),
    }
}

/// Does what the patches say, [`crate::references`] apart.
pub(crate) fn apply(method: &mut MethodDefinition, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        match check(RULES, patch)? {
            "/apiKeyRequired" => method.api_key_required = patch.flag(),
            "/authorizationScopes" => element(&mut method.authorization_scopes, patch, patch.text()),
            "/authorizationType" => method.authorization_type = authorization_type(patch.text())?,
            "/authorizerId" => method.authorizer_id = patch.filled(),
            "/operationName" => method.operation_name = patch.filled(),
            "/requestValidatorId" => method.request_validator_id = patch.filled(),
            "/requestModels/{}" => {
                entry(&mut method.request_models, patch, patch.text().to_owned(), Error::NoContentType)?;
                if patch.op != Op::Remove {
                    mapping::check_content_types([&patch.last().to_owned()])?;
                }
            }
            _ => {
                entry(&mut method.request_parameters, patch, patch.flag(), Error::NoParameter)?;
            }
        }
    }
    mapping::check_request_names(&method.request_parameters)
}

fn authorization_type(text: &str) -> Result<String, Error> {
    let kind = text.to_ascii_uppercase();
    match kind.as_str() {
        "NONE" | "AWS_IAM" | "CUSTOM" | "COGNITO_USER_POOLS" => Ok(kind),
        _ => Err(Error::Enumeration {
            name: "AuthorizationType",
            options: "NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        }),
    }
}
