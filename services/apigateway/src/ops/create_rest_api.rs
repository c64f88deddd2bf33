//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html>
//! Makes an API with its root resource, or a copy of another API.

use plan::definition::ResourceDefinition;

use crate::Cx;
use crate::copy;
use crate::error::Error;
use crate::generated::{CreateRestApiRequest, RestApi};
use crate::model;
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
    if let Some(source) = &source {
        tables::api(cx, &mut tx, source).await?;
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
    match source {
        Some(source) => copy::copy(cx, &mut tx, &source, &api).await?,
        None => {
            let (id, path) = (api.root_resource_id.clone(), "/".to_owned());
            let resource = ResourceDefinition { id, path, ..ResourceDefinition::default() };
            tx.put(&ResourceRecord { api_id: api.id.clone(), resource })?;
            model::defaults(cx, &api.id).iter().try_for_each(|model| tx.put(model))?;
        }
    }
    tx.commit().await?;
    Ok(api.shown())
}
