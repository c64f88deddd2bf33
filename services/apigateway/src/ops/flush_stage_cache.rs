//! <https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageCache.html>
//! Forgets all answers that a stage has in its cache.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{FlushStageCacheRequest, FlushStageCacheResponse};
use crate::tables;

pub(crate) async fn flush_stage_cache(
    cx: &Cx,
    req: FlushStageCacheRequest,
) -> Result<FlushStageCacheResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::stage(&mut tx, &req.rest_api_id, &req.stage_name).await?;
    let mut stage = found.ok_or(Error::NoStage)?;
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    stage.cache_epoch += 1;
    tx.put(&stage)?;
    deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    tx.commit().await?;
    Ok(FlushStageCacheResponse {})
}
