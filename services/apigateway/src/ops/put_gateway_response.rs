//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutGatewayResponse.html>
//! Customises what API Gateway itself answers with; what was there before goes.

use crate::Cx;
use crate::error::Error;
use crate::gateway_response;
use crate::generated::{GatewayResponse, PutGatewayResponseRequest};
use crate::tables::{self, GatewayResponseRecord};
use crate::violations::Violations;

pub(crate) async fn put_gateway_response(
    cx: &Cx,
    req: PutGatewayResponseRequest,
) -> Result<GatewayResponse, Error> {
    Violations::default().one_of("responseType", Some(&req.response_type), gateway_response::NAMES).done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let kind = req.response_type.clone();
    tables::part::<GatewayResponseRecord>(&mut tx, &api.id, &kind).await?;
    let response = gateway_response::from_request(req)?;
    tx.put(&GatewayResponseRecord { api_id: api.id, kind: kind.clone(), response: response.clone() })?;
    tx.commit().await?;
    Ok(gateway_response::shown(&kind, &[(kind.clone(), response)].into()))
}
