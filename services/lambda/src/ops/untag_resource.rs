//! https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html
//!
//! Removes tags from a function; keys that are not there are no error.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions;
use crate::generated::{UntagResourceRequest, UntagResourceResponse};
use crate::place::locate;

pub(crate) async fn untag_resource(
    cx: &Ctx<Lambda>,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse, Error> {
    let place = locate(cx, "UntagResource", &req.resource, None).await?;
    functions::check_taggable(&place)?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    function.tags.retain(|key, _| !req.tag_keys.contains(key));
    function.latest.revision_id = cx.uuid();
    tx.put(&function)?;
    tx.commit().await?;
    Ok(UntagResourceResponse::default())
}
