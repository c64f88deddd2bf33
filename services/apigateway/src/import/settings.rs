//! The settings of an API that a document brings.

use crate::api;
use crate::documentation::Mode;
use crate::error::Error;
use crate::openapi::import::Imported;
use crate::tables::ApiRecord;

/// Changes the settings; what cannot be is added to `errors`.
pub(super) fn apply(api: &mut ApiRecord, imported: &Imported, mode: Mode, errors: &mut Vec<String>) {
    let is_overwrite = mode == Mode::Overwrite;
    let mut settle = |done: Result<(), Error>| {
        if let Err(error) = done {
            errors.push(format!("Unable to update the API: {error}"));
        }
    };
    api.name = imported.name.clone();
    if is_overwrite || imported.description.is_some() {
        api.description = imported.description.clone();
    }
    if is_overwrite || imported.version.is_some() {
        api.version = imported.version.clone();
    }
    match imported.api_key_source.as_deref() {
        Some(source @ ("HEADER" | "AUTHORIZER")) => api.api_key_source = source.to_owned(),
        Some(_) => settle(Err(Error::Enumeration { name: "ApiKeySourceType", options: "HEADER,AUTHORIZER" })),
        None if is_overwrite => api.api_key_source = "HEADER".to_owned(),
        None => {}
    }
    if is_overwrite {
        api.binary_media_types.clear();
    }
    for kind in imported.binary_media_types.iter().flatten() {
        if !api.binary_media_types.contains(kind) {
            api.binary_media_types.push(kind.clone());
        }
    }
    if is_overwrite || imported.minimum_compression_size.is_some() {
        let size = imported.minimum_compression_size.map(api::compression_size).transpose();
        settle(size.map(|size| api.minimum_compression_size = size));
    }
    if let Some(text) = &imported.policy {
        settle(api::policy(text).map(|policy| api.policy = Some(policy)));
    }
    if let Some(kinds) = &imported.endpoint_types {
        settle(endpoint_type(kinds).map(|kind| {
            api.endpoint_type = kind.to_owned();
            if kind == "PRIVATE" {
                api.ip_address_type = "dualstack".to_owned();
            }
        }));
    }
    if let Some(ids) = &imported.vpc_endpoint_ids {
        api.vpc_endpoint_ids = ids.clone();
    }
    if let Some(is_disabled) = imported.disable_execute_api_endpoint {
        api.disable_execute_api_endpoint = is_disabled;
    }
    settle(crate::tags::add(&mut api.tags, imported.tags.clone()));
}

fn endpoint_type(kinds: &[String]) -> Result<&'static str, Error> {
    match kinds {
        [one] => api::known_endpoint_type(&one.to_ascii_uppercase()).ok_or(api::ENDPOINT_TYPES),
        [] => Err(Error::NoEndpointType),
        _ => Err(Error::SeveralEndpointTypes),
    }
}
