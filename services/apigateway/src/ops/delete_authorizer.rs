//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteAuthorizer.html>
//! Removes an authorizer that no method refers to.

use kernel::Record;

use crate::Cx;
use crate::authorizer;
use crate::error::Error;
use crate::generated::{DeleteAuthorizerRequest, DeleteAuthorizerResponse};
use crate::references;
use crate::tables::{self, AuthorizerRecord};

pub(crate) async fn delete_authorizer(
    cx: &Cx,
    req: DeleteAuthorizerRequest,
) -> Result<DeleteAuthorizerResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<AuthorizerRecord>(&mut tx, &req.rest_api_id, &req.authorizer_id).await?;
    let record = found.ok_or(Error::NoAuthorizer)?;
    let resources = references::resources(cx, &mut tx, &record.api_id).await?;
    authorizer::check_unused(&record.authorizer, &resources)?;
    tx.delete::<AuthorizerRecord>(&record.key());
    tx.commit().await?;
    Ok(DeleteAuthorizerResponse {})
}
