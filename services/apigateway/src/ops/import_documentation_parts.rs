//! <https://docs.aws.amazon.com/apigateway/latest/api/API_ImportDocumentationParts.html>
//! Puts the documentation of an OpenAPI document into an API.

use crate::Cx;
use crate::documentation::{self, Mode};
use crate::error::Error;
use crate::generated::{DocumentationPartIds, ImportDocumentationPartsRequest};
use crate::openapi;
use crate::tables;

pub(crate) async fn import_documentation_parts(
    cx: &Cx,
    req: ImportDocumentationPartsRequest,
) -> Result<DocumentationPartIds, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let imported = openapi::documentation_of(&req.body)?;
    if req.fail_on_warnings == Some(true) && !imported.warnings.is_empty() {
        return Err(Error::ImportWarnings(imported.warnings));
    }
    let mode = Mode::of(req.mode.as_deref());
    let ids = documentation::put_parts(cx, &mut tx, &api.id, imported.parts, mode).await?;
    tables::touch(&mut tx, &mut api)?;
    tx.commit().await?;
    Ok(DocumentationPartIds {
        ids: Some(ids),
        warnings: (!imported.warnings.is_empty()).then_some(imported.warnings),
    })
}
