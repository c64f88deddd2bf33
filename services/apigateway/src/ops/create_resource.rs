//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html>
//! Makes a resource below another.

use plan::definition::ResourceDefinition;

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateResourceRequest, Resource};
use crate::resource::{Embed, Tree, shown};
use crate::tables::{self, ResourceRecord};

pub(crate) async fn create_resource(cx: &Cx, req: CreateResourceRequest) -> Result<Resource, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let parent = tables::resource(&mut tx, &api.id, &req.parent_id).await?.resource;
    let tree = Tree(tables::resources(&tx, &api.id).await?);
    let path = tree.place(&parent, &req.path_part, "")?;
    if tree.0.len() >= tables::RESOURCES_MAX {
        return Err(Error::TooMany("resources"));
    }
    let resource = ResourceDefinition {
        id: cx.new_id(6),
        parent_id: Some(parent.id),
        path_part: Some(req.path_part),
        path,
        ..ResourceDefinition::default()
    };
    let record = ResourceRecord { api_id: api.id.clone(), resource };
    tables::touch(&mut tx, &mut api)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(shown(&record.resource, Embed::Names))
}
