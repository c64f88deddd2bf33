//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteResource.html>
//! Removes a resource and all below it.

use kernel::Record;

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteResourceRequest, DeleteResourceResponse};
use crate::resource::Tree;
use crate::tables::{self, ResourceRecord};

pub(crate) async fn delete_resource(
    cx: &Cx,
    req: DeleteResourceRequest,
) -> Result<DeleteResourceResponse, Error> {
    let mut tx = cx.begin();
    let record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    if record.resource.parent_id.is_none() {
        return Err(Error::RootDelete);
    }
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let tree = Tree(tables::resources(&tx, &api.id).await?);
    for id in tree.below(&record.resource.id) {
        let child = tables::resource(&mut tx, &api.id, &id).await?;
        tx.delete::<ResourceRecord>(&child.key());
    }
    tables::touch(&mut tx, &mut api)?;
    tx.delete::<ResourceRecord>(&record.key());
    tx.commit().await?;
    Ok(DeleteResourceResponse {})
}
