//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateRestApi.html>
//! Changes the settings of an API. Deployments that exist keep what they fixed.

use crate::Cx;
use crate::error::Error;
use crate::generated::{RestApi, UpdateRestApiRequest};
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_rest_api(cx: &Cx, req: UpdateRestApiRequest) -> Result<RestApi, Error> {
    Violations::default().operations("updateRestApiInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    api.apply(&Patch::parse(req.patch_operations))?;
    tables::touch(&mut tx, &mut api)?;
    tx.commit().await?;
    Ok(api.shown_alone())
}
