//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetGatewayResponses.html>
//! Lists all that API Gateway itself answers with. AWS gives all of them at once unless a limit is named.

use crate::Cx;
use crate::error::Error;
use crate::gateway_response;
use crate::generated::{GatewayResponse, GatewayResponses, GetGatewayResponsesRequest};
use crate::page::page;
use crate::tables::{self, GatewayResponseRecord};

pub(crate) async fn get_gateway_responses(
    cx: &Cx,
    req: GetGatewayResponsesRequest,
) -> Result<GatewayResponses, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::parts::<GatewayResponseRecord>(&tx, &api.id).await?;
    let customised = all.into_iter().map(|record| (record.kind, record.response)).collect();
    let of = |response: GatewayResponse| (response.response_type.clone().unwrap_or_default(), response);
    let keyed = gateway_response::all(&customised).into_iter().map(of).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(GatewayResponses { items: Some(items), position })
}
