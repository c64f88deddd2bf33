//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetSdk.html>
//! Generates the client of a stage, in JavaScript.

use bytes::Bytes;

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{GetSdkRequest, SdkResponse};
use crate::sdk;
use crate::tables;

pub(crate) async fn get_sdk(cx: &Cx, req: GetSdkRequest) -> Result<SdkResponse, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let stage = tables::stage(&mut tx, &api.id, &req.stage_name).await?.ok_or(Error::NoStage)?;
    if req.sdk_type != sdk::JAVASCRIPT {
        return Err(Error::SdkLanguage(req.sdk_type));
    }
    let found = deployment::published(cx, &mut tx, &api.id, &stage.deployment_id).await?;
    let published = found.ok_or(Error::NoDeployment)?;
    let base = cx.call.base_url.trim_end_matches('/');
    let zip = sdk::zip(&published.api, &format!("{base}/_aws/execute-api/{}/{}", api.id, stage.name))?;
    let made = jiff::Timestamp::from_millisecond(cx.now_ms()).unwrap_or_default();
    let name = format!("javascript_{}.zip", made.strftime("%Y-%m-%d_%H-%MZ"));
    Ok(SdkResponse {
        content_type: Some("application/octet-stream".to_owned()),
        content_disposition: Some(format!("attachment; filename=\"{name}\"")),
        body: Some(Bytes::from(zip)),
    })
}
