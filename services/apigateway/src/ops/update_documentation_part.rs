//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationPart.html>
//! Replaces the properties of a part.

use crate::Cx;
use crate::documentation;
use crate::error::Error;
use crate::generated::{DocumentationPart, UpdateDocumentationPartRequest};
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_documentation_part(
    cx: &Cx,
    req: UpdateDocumentationPartRequest,
) -> Result<DocumentationPart, Error> {
    Violations::default().operations("updateDocumentationPartInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let mut part = documentation::part(&mut tx, &api.id, &req.documentation_part_id).await?;
    part.apply(&Patch::parse(req.patch_operations))?;
    tables::touch(&mut tx, &mut api)?;
    tx.put(&part)?;
    tx.commit().await?;
    Ok(part.shown())
}
