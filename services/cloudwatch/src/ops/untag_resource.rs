//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html>

use kernel::Ctx;

use crate::CloudWatch;
use crate::error::Error;
use crate::generated::{UntagResourceInput, UntagResourceOutput};
use crate::ops::tag_resource::change;

pub(crate) async fn untag_resource(
    cx: &Ctx<CloudWatch>,
    req: UntagResourceInput,
) -> Result<UntagResourceOutput, Error> {
    change(cx, &req.resource_arn, |tags| tags.retain(|key, _| !req.tag_keys.contains(key))).await?;
    Ok(UntagResourceOutput {})
}
