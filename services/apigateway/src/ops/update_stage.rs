//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html>
//! Changes a stage: its deployment, variables and settings take effect with the answer.

use crate::Cx;
use crate::deployment;
use crate::documentation;
use crate::error::Error;
use crate::generated::{Stage, UpdateStageRequest};
use crate::patch::Patch;
use crate::stage::needs_logs_role;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_stage(cx: &Cx, req: UpdateStageRequest) -> Result<Stage, Error> {
    Violations::default().operations("updateStageInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let found = tables::stage(&mut tx, &req.rest_api_id, &req.stage_name).await?;
    let mut stage = found.ok_or(Error::NoStage)?;
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let patches = Patch::parse(req.patch_operations);
    let old: Vec<String> = stage.deployments().cloned().collect();
    stage.apply(&patches)?;
    stage.updated_ms = cx.now_ms();
    if needs_logs_role(&patches) && tables::account(&mut tx).await?.cloudwatch_role_arn.is_none() {
        return Err(Error::NoLogsRole);
    }
    let new: Vec<String> = stage.deployments().cloned().collect();
    if new != old {
        for id in new {
            tables::deployment(&mut tx, &api.id, &id).await?.ok_or(Error::UnknownDeployment)?;
        }
        tables::touch(&mut tx, &mut api)?;
    }
    documentation::check_version(&mut tx, &api.id, stage.documentation_version.as_deref()).await?;
    tx.put(&stage)?;
    deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    tx.commit().await?;
    Ok(stage.shown())
}
