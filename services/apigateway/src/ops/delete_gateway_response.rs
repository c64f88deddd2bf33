//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteGatewayResponse.html>
//! Gives a customised gateway response back to API Gateway.

use kernel::Record;

use crate::Cx;
use crate::error::Error;
use crate::gateway_response;
use crate::generated::{DeleteGatewayResponseRequest, DeleteGatewayResponseResponse};
use crate::tables::{self, GatewayResponseRecord};
use crate::violations::Violations;

pub(crate) async fn delete_gateway_response(
    cx: &Cx,
    req: DeleteGatewayResponseRequest,
) -> Result<DeleteGatewayResponseResponse, Error> {
    Violations::default().one_of("responseType", Some(&req.response_type), gateway_response::NAMES).done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let found = tables::part::<GatewayResponseRecord>(&mut tx, &api.id, &req.response_type).await?;
    tx.delete::<GatewayResponseRecord>(&found.ok_or(Error::NoGatewayResponse)?.key());
    tx.commit().await?;
    Ok(DeleteGatewayResponseResponse {})
}
