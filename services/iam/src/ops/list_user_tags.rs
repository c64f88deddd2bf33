//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListUserTagsRequest, ListUserTagsResponse};
use crate::page::page;
use crate::{entities, tags};

pub(crate) async fn list_user_tags(
    cx: &Ctx<Iam>,
    req: ListUserTagsRequest,
) -> Result<ListUserTagsResponse, Error> {
    let user = entities::user(&mut cx.begin(), &req.user_name).await?;
    let page = page(tags::shape(&user.tags), req.marker.as_deref(), req.max_items, |tag| tag.key.clone())?;
    Ok(ListUserTagsResponse { tags: page.items, is_truncated: page.is_truncated, marker: page.marker })
}
