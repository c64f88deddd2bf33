//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateGatewayResponse.html>
//! Changes a gateway response; one that was not customised is from now on.

use crate::Cx;
use crate::error::Error;
use crate::gateway_response;
use crate::generated::{GatewayResponse, UpdateGatewayResponseRequest};
use crate::patch::Patch;
use crate::tables::{self, GatewayResponseRecord};
use crate::violations::Violations;

pub(crate) async fn update_gateway_response(
    cx: &Cx,
    req: UpdateGatewayResponseRequest,
) -> Result<GatewayResponse, Error> {
    Violations::default()
        .operations("updateGatewayResponseInput", req.patch_operations.as_ref())
        .one_of("responseType", Some(&req.response_type), gateway_response::NAMES)
        .done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let kind = req.response_type;
    let found = tables::part::<GatewayResponseRecord>(&mut tx, &api.id, &kind).await?;
    let mut response = found
        .map_or_else(|| gateway_response::built_in(&kind), |GatewayResponseRecord { response, .. }| response);
    gateway_response::apply(&mut response, &Patch::parse(req.patch_operations))?;
    tx.put(&GatewayResponseRecord { api_id: api.id, kind: kind.clone(), response: response.clone() })?;
    tx.commit().await?;
    Ok(gateway_response::shown(&kind, &[(kind.clone(), response)].into()))
}
