//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html>
//! Makes an API with its root resource, or a copy of another API.

use std::collections::BTreeMap;

use plan::definition::ResourceDefinition;

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateRestApiRequest, RestApi};
use crate::tables::{self, ApiRecord, ResourceRecord};
use crate::violations::Violations;

pub(crate) async fn create_rest_api(cx: &Cx, mut req: CreateRestApiRequest) -> Result<RestApi, Error> {
    let endpoint = req.endpoint_configuration.as_ref();
    Violations::default()
        .one_of("createRestApiInput.apiKeySource", req.api_key_source.as_deref(), &["HEADER", "AUTHORIZER"])
        .all_of(
            "createRestApiInput.endpointConfiguration.types",
            endpoint.and_then(|endpoint| endpoint.types.as_ref()),
            &["PRIVATE", "EDGE", "REGIONAL"],
        )
        .one_of(
            "createRestApiInput.endpointConfiguration.ipAddressType",
            endpoint.and_then(|endpoint| endpoint.ip_address_type.as_deref()),
            &["ipv4", "dualstack"],
        )
        .done()?;
    let source = req.clone_from.take().filter(|id| !id.is_empty());
    let mut tx = cx.begin();
    let mut copied = Vec::new();
    if let Some(source) = &source {
        tables::api(cx, &mut tx, source).await?;
        copied = tables::resources(&tx, source).await?;
    }
    let known = tx.list::<ApiRecord>(&kernel::Key::new(), None, tables::APIS_MAX).await?;
    if known.len() >= tables::APIS_MAX {
        return Err(Error::TooMany("APIs"));
    }
    let api = ApiRecord {
        id: cx.new_id(10),
        root_resource_id: cx.new_id(10),
        created_ms: cx.now_ms(),
        ..ApiRecord::from_request(req)?
    };
    tx.put(&api)?;
    for resource in resources_of(cx, &api, copied) {
        tx.put(&ResourceRecord { api_id: api.id.clone(), resource })?;
    }
    tx.commit().await?;
    Ok(api.shown())
}

/// The resources of a new API: the root, or copies of another API's with new ids.
fn resources_of(cx: &Cx, api: &ApiRecord, copied: Vec<ResourceRecord>) -> Vec<ResourceDefinition> {
    if copied.is_empty() {
        let root = ResourceDefinition {
            id: api.root_resource_id.clone(),
            path: "/".to_owned(),
            ..Default::default()
        };
        return vec![root];
    }
    let fresh = |resource: &ResourceDefinition| match resource.parent_id {
        None => api.root_resource_id.clone(),
        Some(_) => cx.new_id(6),
    };
    let ids: BTreeMap<String, String> =
        copied.iter().map(|record| (record.resource.id.clone(), fresh(&record.resource))).collect();
    let renamed = copied.into_iter().map(|ResourceRecord { resource, .. }| ResourceDefinition {
        id: ids[&resource.id].clone(),
        parent_id: resource.parent_id.as_ref().map(|id| ids[id].clone()),
        ..resource
    });
    renamed.collect()
}
