//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetGatewayResponse.html>
//! Shows what API Gateway itself answers with, customised or not.

use crate::Cx;
use crate::error::Error;
use crate::gateway_response;
use crate::generated::{GatewayResponse, GetGatewayResponseRequest};
use crate::tables::{self, GatewayResponseRecord};
use crate::violations::Violations;

pub(crate) async fn get_gateway_response(
    cx: &Cx,
    req: GetGatewayResponseRequest,
) -> Result<GatewayResponse, Error> {
    Violations::default().one_of("responseType", Some(&req.response_type), gateway_response::NAMES).done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::parts::<GatewayResponseRecord>(&tx, &api.id).await?;
    let customised = all.into_iter().map(|record| (record.kind, record.response)).collect();
    Ok(gateway_response::shown(&req.response_type, &customised))
}
