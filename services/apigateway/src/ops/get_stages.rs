//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetStages.html>
//! Lists the stages of an API, or those of one deployment.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetStagesRequest, Stages};
use crate::tables::{self, StageRecord};

pub(crate) async fn get_stages(cx: &Cx, req: GetStagesRequest) -> Result<Stages, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let wanted = req.deployment_id.filter(|id| !id.is_empty());
    let mut stages = tables::stages(&tx, &api.id).await?;
    stages.retain(|stage| wanted.as_ref().is_none_or(|id| stage.deployment_id == *id));
    Ok(Stages { item: Some(stages.iter().map(StageRecord::shown).collect()) })
}
