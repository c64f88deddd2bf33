//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationPart.html>
//! Removes a part; versions that have it keep it.

use kernel::Record;

use crate::Cx;
use crate::documentation::{self, PartRecord};
use crate::error::Error;
use crate::generated::{DeleteDocumentationPartRequest, DeleteDocumentationPartResponse};
use crate::tables;

pub(crate) async fn delete_documentation_part(
    cx: &Cx,
    req: DeleteDocumentationPartRequest,
) -> Result<DeleteDocumentationPartResponse, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let part = documentation::part(&mut tx, &api.id, &req.documentation_part_id).await?;
    tables::touch(&mut tx, &mut api)?;
    tx.delete::<PartRecord>(&part.key());
    tx.commit().await?;
    Ok(DeleteDocumentationPartResponse {})
}
