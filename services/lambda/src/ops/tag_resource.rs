//! https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
//!
//! Adds tags to a function.

use kernel::Ctx;

use crate::Lambda;
use crate::error::{Error, invalid};
use crate::functions;
use crate::generated::{TagResourceRequest, TagResourceResponse};
use crate::place::locate;
use crate::settings;

pub(crate) async fn tag_resource(
    cx: &Ctx<Lambda>,
    req: TagResourceRequest,
) -> Result<TagResourceResponse, Error> {
    let place = locate(cx, "TagResource", &req.resource, None).await?;
    if req.tags.is_empty() {
        return Err(invalid("An error occurred and the request cannot be processed."));
    }
    functions::check_taggable(&place)?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    function.tags.extend(req.tags);
    settings::check_tags(&function.tags)?;
    function.latest.revision_id = cx.uuid();
    tx.put(&function)?;
    tx.commit().await?;
    Ok(TagResourceResponse::default())
}
