//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{ListUsersRequest, ListUsersResponse};
use crate::page::page;
use crate::shapes::{self, View};

pub(crate) async fn list_users(cx: &Ctx<Iam>, req: ListUsersRequest) -> Result<ListUsersResponse, Error> {
    let prefix = path_or_root(req.path_prefix);
    let mut users: Vec<entities::User> = cx.begin().list(&Key::new(), None, usize::MAX).await?;
    users.retain(|user| user.path.starts_with(&prefix));
    let page = page(users, req.marker.as_deref(), req.max_items, |user| user.name.to_lowercase())?;
    let users = page.items.iter().map(|user| shapes::user(cx.account(), user, View::Listed)).collect();
    Ok(ListUsersResponse { users, is_truncated: page.is_truncated, marker: page.marker })
}
