//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetStage.html>
//! Shows a stage.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetStageRequest, Stage};
use crate::tables;

pub(crate) async fn get_stage(cx: &Cx, req: GetStageRequest) -> Result<Stage, Error> {
    let stage = tables::stage(&mut cx.begin(), &req.rest_api_id, &req.stage_name).await?;
    stage.map(|stage| stage.shown()).ok_or(Error::NoStage)
}
