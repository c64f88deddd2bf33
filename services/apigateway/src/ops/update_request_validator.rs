//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateRequestValidator.html>
//! Changes a request validator.

use crate::Cx;
use crate::error::Error;
use crate::generated::{RequestValidator, UpdateRequestValidatorRequest};
use crate::patch::Patch;
use crate::tables::{self, ValidatorRecord};
use crate::validator;
use crate::violations::Violations;

pub(crate) async fn update_request_validator(
    cx: &Cx,
    req: UpdateRequestValidatorRequest,
) -> Result<RequestValidator, Error> {
    Violations::default().operations("updateRequestValidatorInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let found = tables::part::<ValidatorRecord>(&mut tx, &req.rest_api_id, &req.request_validator_id).await?;
    let mut record = found.ok_or(Error::NoValidator)?;
    validator::apply(&mut record.validator, &Patch::parse(req.patch_operations))?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(validator::shown(&record.validator))
}
