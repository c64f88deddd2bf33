//! Deployments and stages: the snapshot of an API, and what is published of it.

use std::collections::BTreeMap;

use kernel::Tx;
use plan::definition::{
    ApiDefinition, PublishedDeployment, PublishedStage, ResourceDefinition, published_key,
};

use crate::Cx;
use crate::api::seconds;
use crate::client_certificate;
use crate::error::Error;
use crate::generated::{Deployment, MethodSnapshot};
use crate::published;
use crate::tables::{
    self, ApiRecord, AuthorizerRecord, DeploymentRecord, GatewayResponseRecord, ModelRecord, StageRecord,
    ValidatorRecord,
};

/// Everything of the API that a deployment fixes, if it can be deployed.
pub(crate) async fn snapshot(cx: &Cx, tx: &Tx, api: &ApiRecord) -> Result<ApiDefinition, Error> {
    let definition = definition(cx, tx, api).await?;
    check_methods(&definition.resources)?;
    if api.endpoint_type == "PRIVATE" && api.policy.is_none() {
        return Err(Error::PrivateWithoutPolicy);
    }
    Ok(definition)
}

/// Everything of the API as it is now.
pub(crate) async fn definition(cx: &Cx, tx: &Tx, api: &ApiRecord) -> Result<ApiDefinition, Error> {
    let resources: Vec<_> =
        tables::resources(tx, &api.id).await?.into_iter().map(|record| record.resource).collect();
    let responses = tables::parts::<GatewayResponseRecord>(tx, &api.id).await?;
    let models = tables::parts::<ModelRecord>(tx, &api.id).await?;
    let authorizers = tables::parts::<AuthorizerRecord>(tx, &api.id).await?;
    let validators = tables::parts::<ValidatorRecord>(tx, &api.id).await?;
    Ok(ApiDefinition {
        id: api.id.clone(),
        name: api.name.clone(),
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        binary_media_types: api.binary_media_types.clone(),
        minimum_compression_size: api.minimum_compression_size,
        api_key_source: api.api_key_source.clone(),
        policy: api.policy.clone(),
        resources,
        gateway_responses: responses.into_iter().map(|record| (record.kind, record.response)).collect(),
        models: models.into_iter().map(|record| (record.model.name.clone(), record.model)).collect(),
        authorizers: authorizers
            .into_iter()
            .map(|record| (record.authorizer.id.clone(), record.authorizer))
            .collect(),
        request_validators: validators
            .into_iter()
            .map(|record| (record.validator.id.clone(), record.validator))
            .collect(),
    })
}

fn check_methods(resources: &[ResourceDefinition]) -> Result<(), Error> {
    let mut methods = resources.iter().flat_map(|resource| resource.methods.values()).peekable();
    if methods.peek().is_none() {
        return Err(Error::NoMethods);
    }
    if methods.any(|method| method.integration.is_none()) {
        return Err(Error::MethodWithoutIntegration);
    }
    Ok(())
}

/// The deployment as a client sees it.
pub(crate) fn shown(record: &DeploymentRecord, published: Option<&PublishedDeployment>) -> Deployment {
    Deployment {
        id: Some(record.id.clone()),
        description: record.description.clone(),
        created_date: Some(seconds(record.created_ms)),
        api_summary: published.map(|published| summary(&published.api)),
    }
}

/// True if a request embeds the summary of an API.
pub(crate) fn wants_summary(embed: Option<&Vec<String>>) -> bool {
    embed.is_some_and(|names| names.iter().any(|name| name.eq_ignore_ascii_case("apisummary")))
}

/// What a deployment published.
pub(crate) async fn published(
    cx: &Cx,
    tx: &mut Tx,
    api_id: &str,
    id: &str,
) -> Result<Option<PublishedDeployment>, Error> {
    published::get(cx, tx, &published_key(api_id, id)).await
}

/// Publishes a snapshot.
pub(crate) fn publish(cx: &Cx, tx: &mut Tx, deployment: &PublishedDeployment) -> Result<(), Error> {
    published::put(cx, tx, deployment)
}

/// Takes a snapshot back.
pub(crate) async fn retract(cx: &Cx, tx: &mut Tx, api_id: &str, id: &str) -> Result<(), Error> {
    published::retract::<PublishedDeployment>(cx, tx, &published_key(api_id, id)).await
}

/// Publishes a stage, or what became of it.
pub(crate) async fn publish_stage(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    stage: &StageRecord,
) -> Result<(), Error> {
    let certificate = match &stage.client_certificate_id {
        Some(id) => Some(client_certificate::certificate(tx, id).await?.published()),
        None => None,
    };
    let published = PublishedStage {
        api_id: api.id.clone(),
        stage_name: stage.name.clone(),
        deployment_id: stage.deployment_id.clone(),
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        variables: stage.variables.clone(),
        method_settings: crate::method_settings::published(&stage.method_settings),
        tracing_enabled: stage.tracing_enabled,
        access_log: stage.log_destination.clone().zip(stage.log_format.clone()),
        disable_execute_api_endpoint: api.disable_execute_api_endpoint,
        endpoint_type: api.endpoint_type.clone(),
        vpc_endpoint_ids: api.vpc_endpoint_ids.clone(),
        canary: stage.canary.clone(),
        cache_cluster_size: stage.cache_size(),
        cache_epoch: stage.cache_epoch,
        authorizer_epoch: stage.authorizer_epoch,
        client_certificate: certificate,
    };
    published::replace(cx, tx, &published).await
}

/// Takes a stage back.
pub(crate) async fn retract_stage(cx: &Cx, tx: &mut Tx, api_id: &str, name: &str) -> Result<(), Error> {
    published::retract::<PublishedStage>(cx, tx, &published_key(api_id, name)).await
}

fn summary(api: &ApiDefinition) -> BTreeMap<String, BTreeMap<String, MethodSnapshot>> {
    let with_methods = api.resources.iter().filter(|resource| !resource.methods.is_empty());
    let rows = with_methods.map(|resource| {
        let methods = resource.methods.iter().map(|(name, method)| {
            let snapshot = MethodSnapshot {
                authorization_type: Some(method.authorization_type.clone()),
                api_key_required: Some(method.api_key_required),
            };
            (name.clone(), snapshot)
        });
        (resource.path.clone(), methods.collect())
    });
    rows.collect()
}
