//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{TagResourceRequest, TagResourceResponse};
use crate::names::{add_tags, name_of_arn};

pub(crate) async fn tag_resource(
    cx: &Ctx<Logs>,
    req: TagResourceRequest,
) -> Result<TagResourceResponse, Error> {
    let name = name_of_arn(&cx.call.scope, &req.resource_arn)?;
    add_tags(cx, &name, req.tags).await?;
    Ok(TagResourceResponse {})
}
