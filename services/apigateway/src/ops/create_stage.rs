//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>
//! Publishes a deployment under a name.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{CreateStageRequest, Stage};
use crate::tables::{self, StageRecord};

pub(crate) async fn create_stage(cx: &Cx, req: CreateStageRequest) -> Result<Stage, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let stage = StageRecord::from_request(req, cx.now_ms())?;
    if tables::stage(&mut tx, &api.id, &stage.name).await?.is_some() {
        return Err(Error::StageExists);
    }
    if tables::deployment(&mut tx, &api.id, &stage.deployment_id).await?.is_none() {
        return Err(Error::UnknownDeployment);
    }
    if tables::stages(&tx, &api.id).await?.len() >= tables::STAGES_MAX {
        return Err(Error::TooMany("stages"));
    }
    tables::touch(&mut tx, &mut api)?;
    tx.put(&stage)?;
    deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    tx.commit().await?;
    Ok(stage.shown())
}
