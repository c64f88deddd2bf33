//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html>

use kernel::Ctx;

use crate::CloudWatch;
use crate::error::Error;
use crate::generated::{ListTagsForResourceInput, ListTagsForResourceOutput, Tag};
use crate::ops::tag_resource::change;

pub(crate) async fn list_tags_for_resource(
    cx: &Ctx<CloudWatch>,
    req: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, Error> {
    let tags = change(cx, &req.resource_arn, |_| {}).await?;
    let tags = tags.into_iter().map(|(key, value)| Tag { key, value });
    Ok(ListTagsForResourceOutput { tags: Some(tags.collect()) })
}
