//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationVersion.html>
//! Changes the description of a version.

use crate::Cx;
use crate::documentation;
use crate::error::Error;
use crate::generated::{DocumentationVersion, UpdateDocumentationVersionRequest};
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_documentation_version(
    cx: &Cx,
    req: UpdateDocumentationVersionRequest,
) -> Result<DocumentationVersion, Error> {
    Violations::default()
        .operations("updateDocumentationVersionInput", req.patch_operations.as_ref())
        .done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let found = documentation::version(&mut tx, &api.id, &req.documentation_version).await?;
    let mut version = found.ok_or(Error::NoVersion)?;
    version.apply(&Patch::parse(req.patch_operations))?;
    tx.put(&version)?;
    tx.commit().await?;
    Ok(version.shown())
}
