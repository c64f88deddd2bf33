//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{UntagResourceRequest, UntagResourceResponse};
use crate::names::{change_group, name_of_arn};

pub(crate) async fn untag_resource(
    cx: &Ctx<Logs>,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse, Error> {
    let name = name_of_arn(&cx.call.scope, &req.resource_arn)?;
    change_group(cx, &name, |group| {
        group.tags.retain(|key, _| !req.tag_keys.contains(key));
        Ok(())
    })
    .await?;
    Ok(UntagResourceResponse {})
}
