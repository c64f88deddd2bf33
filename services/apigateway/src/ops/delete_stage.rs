//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteStage.html>
//! Removes a stage, also from usage plans; its deployment stays.

use kernel::Record;

use crate::Cx;
use crate::deployment;
use crate::domain;
use crate::error::Error;
use crate::generated::{DeleteStageRequest, DeleteStageResponse};
use crate::tables::{self, StageRecord};
use crate::usage_plan;

pub(crate) async fn delete_stage(cx: &Cx, req: DeleteStageRequest) -> Result<DeleteStageResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::stage(&mut tx, &req.rest_api_id, &req.stage_name).await?;
    let stage = found.ok_or(Error::NoStage)?;
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let domains = domain::leading_to(&tx, &api.id, Some(&stage.name)).await?;
    if !domains.is_empty() {
        return Err(Error::MappedStageDelete { stage: stage.name, domains: domains.join(", ") });
    }
    tables::touch(&mut tx, &mut api)?;
    deployment::retract_stage(cx, &mut tx, &api.id, &stage.name).await?;
    usage_plan::forget_stage(cx, &mut tx, &api.id, Some(&stage.name)).await?;
    tx.delete::<StageRecord>(&stage.key());
    tx.commit().await?;
    Ok(DeleteStageResponse {})
}
