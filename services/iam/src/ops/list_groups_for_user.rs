//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListGroupsForUserRequest, ListGroupsForUserResponse};
use crate::page::page;
use crate::{entities, shapes};

pub(crate) async fn list_groups_for_user(
    cx: &Ctx<Iam>,
    req: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, Error> {
    let mut tx = cx.begin();
    let user = entities::user(&mut tx, &req.user_name).await?;
    let page = page(user.groups, req.marker.as_deref(), req.max_items, String::clone)?;
    let mut groups = Vec::with_capacity(page.items.len());
    for name in &page.items {
        groups.push(shapes::group(cx.account(), &entities::group(&mut tx, name).await?));
    }
    Ok(ListGroupsForUserResponse { groups, is_truncated: page.is_truncated, marker: page.marker })
}
