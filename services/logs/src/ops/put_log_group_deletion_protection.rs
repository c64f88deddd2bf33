//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{PutLogGroupDeletionProtectionRequest, PutLogGroupDeletionProtectionResponse};
use crate::names::{change_group, group_name};

pub(crate) async fn put_log_group_deletion_protection(
    cx: &Ctx<Logs>,
    req: PutLogGroupDeletionProtectionRequest,
) -> Result<PutLogGroupDeletionProtectionResponse, Error> {
    let name = group_name(&cx.call.scope, None, Some(req.log_group_identifier))?;
    change_group(cx, &name, |group| {
        group.is_protected = req.deletion_protection_enabled;
        Ok(())
    })
    .await?;
    Ok(PutLogGroupDeletionProtectionResponse {})
}
