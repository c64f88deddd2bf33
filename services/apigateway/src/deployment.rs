//! Deployments: the snapshot of an API, and what is published of it.
//!
//! What is published lives in a space of its own, which belongs to no account; a transaction enters it and comes back.

use std::collections::BTreeMap;

use kernel::{Record, Tx};
use plan::definition::{
    ApiDefinition, ModelDefinition, PUBLISHED_SERVICE, PublishedDeployment, PublishedStage, published_key,
    published_scope,
};

use crate::Cx;
use crate::api::seconds;
use crate::error::Error;
use crate::generated::{Deployment, MethodSnapshot};
use crate::mapping::MODELS;
use crate::tables::{ApiRecord, DeploymentRecord, ResourceRecord, StageRecord};

/// Everything of the API that a deployment fixes.
pub(crate) fn snapshot(
    cx: &Cx,
    api: &ApiRecord,
    resources: Vec<ResourceRecord>,
) -> Result<ApiDefinition, Error> {
    let resources: Vec<_> = resources.into_iter().map(|record| record.resource).collect();
    let mut methods = resources.iter().flat_map(|resource| resource.methods.values()).peekable();
    if methods.peek().is_none() {
        return Err(Error::NoMethods);
    }
    if methods.any(|method| method.integration.is_none()) {
        return Err(Error::MethodWithoutIntegration);
    }
    if api.endpoint_type == "PRIVATE" && api.policy.is_none() {
        return Err(Error::PrivateWithoutPolicy);
    }
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
        models: MODELS
            .iter()
            .map(|(name, schema)| ((*name).to_owned(), built_in_model(name, schema)))
            .collect(),
        ..ApiDefinition::default()
    })
}

fn built_in_model(name: &str, schema: &str) -> ModelDefinition {
    ModelDefinition {
        name: name.to_owned(),
        content_type: "application/json".to_owned(),
        schema: Some(schema.to_owned()),
        ..ModelDefinition::default()
    }
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
    enter_published(tx);
    let found = tx.get(&published_key(api_id, id)).await;
    leave_published(cx, tx);
    Ok(found?)
}

/// Publishes a snapshot.
pub(crate) fn publish(cx: &Cx, tx: &mut Tx, deployment: &PublishedDeployment) -> Result<(), Error> {
    enter_published(tx);
    let written = tx.put(deployment);
    leave_published(cx, tx);
    Ok(written?)
}

/// Takes a snapshot back.
pub(crate) async fn retract(cx: &Cx, tx: &mut Tx, api_id: &str, id: &str) -> Result<(), Error> {
    retract_record::<PublishedDeployment>(cx, tx, api_id, id).await
}

/// Publishes a stage, or what became of it.
pub(crate) async fn publish_stage(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    stage: &StageRecord,
) -> Result<(), Error> {
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
        ..PublishedStage::default()
    };
    enter_published(tx);
    // Read first, so that a shorter record leaves nothing of a longer one behind.
    let read = tx.get::<PublishedStage>(&published.key()).await;
    let written = read.and_then(|_| tx.put(&published));
    leave_published(cx, tx);
    Ok(written?)
}

/// Takes a stage back.
pub(crate) async fn retract_stage(cx: &Cx, tx: &mut Tx, api_id: &str, name: &str) -> Result<(), Error> {
    retract_record::<PublishedStage>(cx, tx, api_id, name).await
}

async fn retract_record<R: Record>(cx: &Cx, tx: &mut Tx, api_id: &str, name: &str) -> Result<(), Error> {
    enter_published(tx);
    let key = published_key(api_id, name);
    let read = tx.get::<R>(&key).await;
    tx.delete::<R>(&key);
    leave_published(cx, tx);
    read?;
    Ok(())
}

fn enter_published(tx: &mut Tx) {
    tx.enter(published_scope().space(PUBLISHED_SERVICE));
}

fn leave_published(cx: &Cx, tx: &mut Tx) {
    tx.enter(cx.call.scope.space(cx.service_id));
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
