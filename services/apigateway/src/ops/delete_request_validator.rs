//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteRequestValidator.html>
//! Removes a request validator that no method refers to.

use kernel::Record;

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteRequestValidatorRequest, DeleteRequestValidatorResponse};
use crate::references;
use crate::tables::{self, ValidatorRecord};
use crate::validator;

pub(crate) async fn delete_request_validator(
    cx: &Cx,
    req: DeleteRequestValidatorRequest,
) -> Result<DeleteRequestValidatorResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<ValidatorRecord>(&mut tx, &req.rest_api_id, &req.request_validator_id).await?;
    let record = found.ok_or(Error::NoValidator)?;
    let resources = references::resources(cx, &mut tx, &record.api_id).await?;
    validator::check_unused(&record.validator, &resources)?;
    tx.delete::<ValidatorRecord>(&record.key());
    tx.commit().await?;
    Ok(DeleteRequestValidatorResponse {})
}
