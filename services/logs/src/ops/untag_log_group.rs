//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{UntagLogGroupRequest, UntagLogGroupResponse};
use crate::names::change_group;

pub(crate) async fn untag_log_group(
    cx: &Ctx<Logs>,
    req: UntagLogGroupRequest,
) -> Result<UntagLogGroupResponse, Error> {
    change_group(cx, &req.log_group_name, |group| {
        group.tags.retain(|key, _| !req.tags.contains(key));
        Ok(())
    })
    .await?;
    Ok(UntagLogGroupResponse {})
}
