//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationVersion.html>
//! Removes a version; stages that show it show none afterwards.

use kernel::Record;

use crate::Cx;
use crate::documentation::{self, VersionRecord};
use crate::error::Error;
use crate::generated::{DeleteDocumentationVersionRequest, DeleteDocumentationVersionResponse};
use crate::tables;

pub(crate) async fn delete_documentation_version(
    cx: &Cx,
    req: DeleteDocumentationVersionRequest,
) -> Result<DeleteDocumentationVersionResponse, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let found = documentation::version(&mut tx, &api.id, &req.documentation_version).await?;
    let version = found.ok_or(Error::NoVersion)?;
    for named in tables::stages(&tx, &api.id).await? {
        let Some(mut stage) = tables::stage(&mut tx, &api.id, &named.name).await? else { continue };
        if stage.documentation_version.as_ref() == Some(&version.version) {
            stage.documentation_version = None;
            tx.put(&stage)?;
        }
    }
    tables::touch(&mut tx, &mut api)?;
    tx.delete::<VersionRecord>(&version.key());
    tx.commit().await?;
    Ok(DeleteDocumentationVersionResponse {})
}
