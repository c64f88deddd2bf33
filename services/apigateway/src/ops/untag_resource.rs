//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UntagResource.html>
//! Takes tags away from an API or a stage; those that are not there do not matter.

use crate::Cx;
use crate::error::Error;
use crate::generated::{UntagResourceRequest, UntagResourceResponse};
use crate::tables;
use crate::tags::Target;

pub(crate) async fn untag_resource(
    cx: &Cx,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse, Error> {
    let mut tx = cx.begin();
    match Target::parse(&req.resource_arn)? {
        Target::Api(id) => {
            let mut api = tables::api(cx, &mut tx, &id).await?;
            api.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&api)?;
        }
        Target::Stage(id, name) => {
            let mut stage = tables::stage(&mut tx, &id, &name).await?.ok_or(Error::NoStage)?;
            stage.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&stage)?;
        }
    }
    tx.commit().await?;
    Ok(UntagResourceResponse {})
}
