//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRequestValidator.html>
//! Makes a request validator.

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateRequestValidatorRequest, RequestValidator};
use crate::tables::{self, ValidatorRecord};
use crate::validator;

pub(crate) async fn create_request_validator(
    cx: &Cx,
    req: CreateRequestValidatorRequest,
) -> Result<RequestValidator, Error> {
    let mut tx = cx.begin();
    // AWS answers an unknown API otherwise here than elsewhere.
    let api = match tables::api(cx, &mut tx, &req.rest_api_id).await {
        Err(Error::NoApi { .. }) => return Err(Error::RestApi),
        found => found?,
    };
    tables::room_for::<ValidatorRecord>(&tx, &api.id, "request validators").await?;
    let validator = validator::from_request(req, cx.new_id(6));
    let answer = validator::shown(&validator);
    tx.put(&ValidatorRecord { api_id: api.id, validator })?;
    tx.commit().await?;
    Ok(answer)
}
