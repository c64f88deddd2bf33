//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{DeleteRetentionPolicyRequest, DeleteRetentionPolicyResponse};
use crate::names::change_group;

pub(crate) async fn delete_retention_policy(
    cx: &Ctx<Logs>,
    req: DeleteRetentionPolicyRequest,
) -> Result<DeleteRetentionPolicyResponse, Error> {
    change_group(cx, &req.log_group_name, |group| {
        group.retention_days = None;
        Ok(())
    })
    .await?;
    Ok(DeleteRetentionPolicyResponse {})
}
