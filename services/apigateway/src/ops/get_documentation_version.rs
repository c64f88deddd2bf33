//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersion.html>
//! Shows a version.

use crate::Cx;
use crate::documentation;
use crate::error::Error;
use crate::generated::{DocumentationVersion, GetDocumentationVersionRequest};
use crate::tables;

pub(crate) async fn get_documentation_version(
    cx: &Cx,
    req: GetDocumentationVersionRequest,
) -> Result<DocumentationVersion, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let found = documentation::version(&mut tx, &api.id, &req.documentation_version).await?;
    Ok(found.ok_or(Error::NoVersion)?.shown())
}
