//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateMethod.html>
//! Changes a method.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Method, UpdateMethodRequest};
use crate::method;
use crate::patch::Patch;
use crate::references;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_method(cx: &Cx, req: UpdateMethodRequest) -> Result<Method, Error> {
    Violations::default().operations("updateMethodInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let found = method::find(&mut record, &req.http_method)?;
    method::apply(found, &Patch::parse(req.patch_operations))?;
    references::check(&mut tx, &req.rest_api_id, found).await?;
    let answer = method::shown(&req.http_method, found);
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
