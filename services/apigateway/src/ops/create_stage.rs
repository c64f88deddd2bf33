//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>
//! Publishes a deployment under a name.

use crate::Cx;
use crate::deployment;
use crate::documentation;
use crate::error::Error;
use crate::generated::{CreateStageRequest, Stage};
use crate::stage::CACHE_SIZES_SAID;
use crate::tables::{self, StageRecord};
use crate::violations::Violations;

pub(crate) async fn create_stage(cx: &Cx, req: CreateStageRequest) -> Result<Stage, Error> {
    Violations::default()
        .one_of(
            "createStageInput.cacheClusterSize",
            req.cache_cluster_size.as_deref().filter(|size| !size.is_empty()),
            CACHE_SIZES_SAID,
        )
        .done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let stage = StageRecord::from_request(req, cx.now_ms())?;
    if tables::stage(&mut tx, &api.id, &stage.name).await?.is_some() {
        return Err(Error::StageExists);
    }
    for id in stage.deployments() {
        tables::deployment(&mut tx, &api.id, id).await?.ok_or(Error::UnknownDeployment)?;
    }
    if tables::stages(&tx, &api.id).await?.len() >= tables::STAGES_MAX {
        return Err(Error::TooMany("stages"));
    }
    tables::touch(&mut tx, &mut api)?;
    documentation::check_version(&mut tx, &api.id, stage.documentation_version.as_deref()).await?;
    tx.put(&stage)?;
    deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    tx.commit().await?;
    Ok(stage.shown())
}
