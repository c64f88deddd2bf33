//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use crate::names;

pub(crate) async fn list_tags_for_resource(
    cx: &Ctx<Logs>,
    req: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, Error> {
    let name = names::name_of_arn(&cx.call.scope, &req.resource_arn)?;
    names::settle(cx).await?;
    let group = names::group(cx, &*cx.host.telemetry.snapshot(), &name).await?;
    Ok(ListTagsForResourceResponse { tags: Some(group.tags) })
}
