//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateResource.html>
//! Renames or moves a resource, and the paths of all below it.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Resource, UpdateResourceRequest};
use crate::patch::{Patch, check_by_op};
use crate::resource::{Embed, RULES, Tree, shown};
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_resource(cx: &Cx, req: UpdateResourceRequest) -> Result<Resource, Error> {
    Violations::default().operations("updateResourceInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let tree = Tree(tables::resources(&tx, &api.id).await?);
    let below = tree.below(&record.resource.id);
    let old_path = record.resource.path.clone();
    for patch in Patch::parse(req.patch_operations) {
        let pattern = check_by_op(RULES, &patch)?;
        let is_move = pattern == "/parentId";
        let resource = &mut record.resource;
        let (Some(old_parent), Some(old_part)) = (resource.parent_id.clone(), resource.path_part.clone())
        else {
            return Err(Error::RootUpdate(if is_move { "parentId" } else { "pathPart" }));
        };
        let parent_id = if is_move { patch.text().to_owned() } else { old_parent };
        let part = if is_move { old_part } else { patch.text().to_owned() };
        let parent = tables::resource(&mut tx, &api.id, &parent_id).await?.resource;
        if parent.id == resource.id || below.contains(&parent.id) {
            return Err(Error::Cycle);
        }
        resource.path = tree.place(&parent, &part, &resource.id)?;
        (resource.parent_id, resource.path_part) = (Some(parent_id), Some(part));
    }
    for id in below {
        let mut child = tables::resource(&mut tx, &api.id, &id).await?;
        if let Some(rest) = child.resource.path.strip_prefix(&old_path) {
            child.resource.path = format!("{}{rest}", record.resource.path);
        }
        tx.put(&child)?;
    }
    tables::touch(&mut tx, &mut api)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(shown(&record.resource, Embed::Names))
}
