//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html>
//! Lists the resources of an API in the order of their paths, the root first.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetResourcesRequest, Resources};
use crate::page::page;
use crate::resource::{Embed, shown};
use crate::tables;

pub(crate) async fn get_resources(cx: &Cx, req: GetResourcesRequest) -> Result<Resources, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let embed = Embed::of(req.embed.as_ref());
    let all = tables::resources(&tx, &api.id).await?;
    let keyed = all
        .into_iter()
        .map(|record| (record.resource.path.clone(), shown(&record.resource, embed)))
        .collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(Resources { items: Some(items), position })
}
