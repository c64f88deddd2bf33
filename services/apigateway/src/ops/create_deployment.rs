//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html>
//! Fixes a snapshot of an API, and makes or moves a stage to it if one is named; with canary settings, the stage's canary.

use kernel::Tx;
use plan::definition::PublishedDeployment;

use crate::Cx;
use crate::canary;
use crate::deployment;
use crate::error::Error;
use crate::generated::{CreateDeploymentRequest, Deployment};
use crate::stage;
use crate::tables::{self, DeploymentRecord, StageRecord};
use crate::violations::Violations;

pub(crate) async fn create_deployment(cx: &Cx, req: CreateDeploymentRequest) -> Result<Deployment, Error> {
    Violations::default()
        .one_of(
            "createDeploymentInput.cacheClusterSize",
            req.cache_cluster_size.as_deref().filter(|size| !size.is_empty()),
            stage::CACHE_SIZES_SAID,
        )
        .done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    if tables::deployments(&tx, &api.id).await?.len() >= tables::DEPLOYMENTS_MAX {
        return Err(Error::TooMany("deployments"));
    }
    if req.canary_settings.is_some() && req.stage_name.as_deref().is_none_or(str::is_empty) {
        let given = req.stage_name.as_deref().unwrap_or("null");
        return Err(Error::CanaryDeployment(format!(
            "Non null and non empty stageName must be provided for canary deployment. Provided value is {given}"
        )));
    }
    let published = PublishedDeployment { id: cx.new_id(6), api: deployment::snapshot(cx, &tx, &api).await? };
    let record = DeploymentRecord {
        api_id: api.id.clone(),
        id: published.id.clone(),
        description: req.description.clone().filter(|text| !text.is_empty()),
        created_ms: cx.now_ms(),
    };
    tables::touch(&mut tx, &mut api)?;
    tx.put(&record)?;
    deployment::publish(cx, &mut tx, &published)?;
    if let Some(name) = req.stage_name.clone().filter(|name| !name.is_empty()) {
        let stage = stage_of(cx, &mut tx, name, &record.id, req).await?;
        tx.put(&stage)?;
        deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    }
    tx.commit().await?;
    Ok(deployment::shown(&record, None))
}

/// The stage `name`, new or as it is, on the new deployment and with what the request says of it.
async fn stage_of(
    cx: &Cx,
    tx: &mut Tx,
    name: String,
    deployment_id: &str,
    req: CreateDeploymentRequest,
) -> Result<StageRecord, Error> {
    stage::check_name(&name)?;
    let now = cx.now_ms();
    let found = tables::stage(tx, &req.rest_api_id, &name).await?;
    if req.canary_settings.is_some() && found.is_none() {
        return Err(Error::CanaryDeployment(format!(
            "Stage {name} must already be created before making a canary release deployment"
        )));
    }
    let mut stage = found.unwrap_or_else(|| StageRecord {
        api_id: req.rest_api_id,
        name,
        created_ms: now,
        ..Default::default()
    });
    match req.canary_settings {
        Some(settings) => stage.canary = Some(canary::of_deployment(settings, deployment_id)?),
        None => stage.deployment_id = deployment_id.to_owned(),
    }
    stage.updated_ms = now;
    if let Some(enabled) = req.cache_cluster_enabled {
        stage.has_cache_cluster = enabled;
    }
    if let Some(size) = req.cache_cluster_size.filter(|size| !size.is_empty()) {
        stage.cache_cluster_size = Some(size);
    }
    if let Some(description) = req.stage_description.filter(|text| !text.is_empty()) {
        stage.description = Some(description);
    }
    if let Some(variables) = req.variables {
        stage.variables = stage::checked_variables(variables)?;
    }
    if let Some(tracing) = req.tracing_enabled {
        stage.tracing_enabled = tracing;
    }
    Ok(stage)
}
