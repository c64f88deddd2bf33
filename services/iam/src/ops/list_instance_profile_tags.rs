//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse};
use crate::page::page;
use crate::{entities, tags};

pub(crate) async fn list_instance_profile_tags(
    cx: &Ctx<Iam>,
    req: ListInstanceProfileTagsRequest,
) -> Result<ListInstanceProfileTagsResponse, Error> {
    let profile = entities::profile(&mut cx.begin(), &req.instance_profile_name).await?;
    let page = page(tags::shape(&profile.tags), req.marker.as_deref(), req.max_items, |tag| tag.key.clone())?;
    Ok(ListInstanceProfileTagsResponse {
        tags: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
