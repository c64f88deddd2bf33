//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResource.html>
//! Shows one resource, with its methods if `embed` asks for them.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetResourceRequest, Resource};
use crate::resource::{Embed, shown};
use crate::tables;

pub(crate) async fn get_resource(cx: &Cx, req: GetResourceRequest) -> Result<Resource, Error> {
    let record = tables::resource(&mut cx.begin(), &req.rest_api_id, &req.resource_id).await?;
    Ok(shown(&record.resource, Embed::of(req.embed.as_ref())))
}
