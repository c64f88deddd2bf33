//! A copy of an API: all that belongs to it, with ids of its own. Deployments and stages stay behind.

use std::collections::BTreeMap;

use kernel::Tx;
use plan::definition::ResourceDefinition;

use crate::Cx;
use crate::error::Error;
use crate::tables::{
    self, ApiRecord, AuthorizerRecord, GatewayResponseRecord, ModelRecord, ResourceRecord, ValidatorRecord,
};

/// Copies what belongs to the API `source` to the new API `api`.
pub(crate) async fn copy(cx: &Cx, tx: &mut Tx, source: &str, api: &ApiRecord) -> Result<(), Error> {
    let api_id = || api.id.clone();
    for ModelRecord { mut model, .. } in tables::parts(tx, source).await? {
        model.id = cx.new_id(6);
        // Models name each other by the API's id.
        let (old, new) = (format!("/restapis/{source}/models/"), format!("/restapis/{}/models/", api.id));
        model.schema = model.schema.map(|schema| schema.replace(&old, &new));
        tx.put(&ModelRecord { api_id: api_id(), model })?;
    }
    for GatewayResponseRecord { kind, response, .. } in tables::parts(tx, source).await? {
        tx.put(&GatewayResponseRecord { api_id: api_id(), kind, response })?;
    }
    let mut ids = BTreeMap::new();
    let mut renamed = |old: &mut String| {
        let new = cx.new_id(6);
        ids.insert(std::mem::replace(old, new.clone()), new);
    };
    for AuthorizerRecord { mut authorizer, .. } in tables::parts(tx, source).await? {
        renamed(&mut authorizer.id);
        tx.put(&AuthorizerRecord { api_id: api_id(), authorizer })?;
    }
    for ValidatorRecord { mut validator, .. } in tables::parts(tx, source).await? {
        renamed(&mut validator.id);
        tx.put(&ValidatorRecord { api_id: api_id(), validator })?;
    }
    let resources: Vec<_> =
        tables::resources(tx, source).await?.into_iter().map(|record| record.resource).collect();
    for resource in &resources {
        let new = if resource.parent_id.is_none() { api.root_resource_id.clone() } else { cx.new_id(6) };
        ids.insert(resource.id.clone(), new);
    }
    for resource in resources {
        tx.put(&ResourceRecord { api_id: api_id(), resource: with_ids(resource, &ids) })?;
    }
    Ok(())
}

fn with_ids(mut resource: ResourceDefinition, ids: &BTreeMap<String, String>) -> ResourceDefinition {
    let rename = |id: &mut String| {
        if let Some(new) = ids.get(id) {
            id.clone_from(new);
        }
    };
    rename(&mut resource.id);
    resource.parent_id.iter_mut().for_each(rename);
    for method in resource.methods.values_mut() {
        method.authorizer_id.iter_mut().for_each(rename);
        method.request_validator_id.iter_mut().for_each(rename);
    }
    resource
}
