//! <https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html>
//! Forgets all that authorizers decided for a stage.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{FlushStageAuthorizersCacheRequest, FlushStageAuthorizersCacheResponse};
use crate::tables;

pub(crate) async fn flush_stage_authorizers_cache(
    cx: &Cx,
    req: FlushStageAuthorizersCacheRequest,
) -> Result<FlushStageAuthorizersCacheResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::stage(&mut tx, &req.rest_api_id, &req.stage_name).await?;
    let mut stage = found.ok_or(Error::NoStage)?;
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    stage.authorizer_epoch += 1;
    tx.put(&stage)?;
    deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    tx.commit().await?;
    Ok(FlushStageAuthorizersCacheResponse {})
}
