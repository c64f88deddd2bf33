//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRequestValidator.html>
//! Shows a request validator.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetRequestValidatorRequest, RequestValidator};
use crate::tables::{self, ValidatorRecord};
use crate::validator;

pub(crate) async fn get_request_validator(
    cx: &Cx,
    req: GetRequestValidatorRequest,
) -> Result<RequestValidator, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<ValidatorRecord>(&mut tx, &req.rest_api_id, &req.request_validator_id).await?;
    Ok(validator::shown(&found.ok_or(Error::NoValidator)?.validator))
}
