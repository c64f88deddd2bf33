//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities::{self, Member, name_key};
use crate::error::Error;
use crate::generated::{GetGroupRequest, GetGroupResponse};
use crate::page::page;
use crate::shapes::{self, View};

pub(crate) async fn get_group(cx: &Ctx<Iam>, req: GetGroupRequest) -> Result<GetGroupResponse, Error> {
    let mut tx = cx.begin();
    let group = entities::group(&mut tx, &req.group_name).await?;
    let members: Vec<Member> = tx.list(&group.key(), None, usize::MAX).await?;
    let page = page(members, req.marker.as_deref(), req.max_items, |member| member.user.to_lowercase())?;
    let mut users = Vec::with_capacity(page.items.len());
    for member in &page.items {
        if let Some(user) = tx.peek::<entities::User>(&name_key(&member.user)).await? {
            users.push(shapes::user(cx.account(), &user, View::Listed));
        }
    }
    let group = shapes::group(cx.account(), &group);
    Ok(GetGroupResponse { group, users, is_truncated: page.is_truncated, marker: page.marker })
}
