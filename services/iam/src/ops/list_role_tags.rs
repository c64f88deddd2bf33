//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListRoleTagsRequest, ListRoleTagsResponse};
use crate::page::page;
use crate::{entities, tags};

pub(crate) async fn list_role_tags(
    cx: &Ctx<Iam>,
    req: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse, Error> {
    let role = entities::role(&mut cx.begin(), &req.role_name).await?;
    let page = page(tags::shape(&role.tags), req.marker.as_deref(), req.max_items, |tag| tag.key.clone())?;
    Ok(ListRoleTagsResponse { tags: page.items, is_truncated: page.is_truncated, marker: page.marker })
}
