//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{TagLogGroupRequest, TagLogGroupResponse};
use crate::names::add_tags;

pub(crate) async fn tag_log_group(
    cx: &Ctx<Logs>,
    req: TagLogGroupRequest,
) -> Result<TagLogGroupResponse, Error> {
    add_tags(cx, &req.log_group_name, req.tags).await?;
    Ok(TagLogGroupResponse {})
}
