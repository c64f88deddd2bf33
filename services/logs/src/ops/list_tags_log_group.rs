//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{ListTagsLogGroupRequest, ListTagsLogGroupResponse};
use crate::names;

pub(crate) async fn list_tags_log_group(
    cx: &Ctx<Logs>,
    req: ListTagsLogGroupRequest,
) -> Result<ListTagsLogGroupResponse, Error> {
    names::settle(cx).await?;
    let group = names::group(cx, &*cx.host.telemetry.snapshot(), &req.log_group_name).await?;
    Ok(ListTagsLogGroupResponse { tags: Some(group.tags) })
}
