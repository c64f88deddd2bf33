//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html>
//! Adds tags to an API or a stage.

use crate::Cx;
use crate::error::Error;
use crate::generated::{TagResourceRequest, TagResourceResponse};
use crate::tables;
use crate::tags::{self, Target};

pub(crate) async fn tag_resource(cx: &Cx, req: TagResourceRequest) -> Result<TagResourceResponse, Error> {
    let mut tx = cx.begin();
    match Target::parse(&req.resource_arn)? {
        Target::Api(id) => {
            let mut api = tables::api(cx, &mut tx, &id).await?;
            tags::add(&mut api.tags, req.tags)?;
            tx.put(&api)?;
        }
        Target::Stage(id, name) => {
            let mut stage = tables::stage(&mut tx, &id, &name).await?.ok_or(Error::NoStage)?;
            tags::add(&mut stage.tags, req.tags)?;
            tx.put(&stage)?;
        }
    }
    tx.commit().await?;
    Ok(TagResourceResponse {})
}
