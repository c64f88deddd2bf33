//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{ListRolesRequest, ListRolesResponse};
use crate::page::page;
use crate::shapes::{self, View};

pub(crate) async fn list_roles(cx: &Ctx<Iam>, req: ListRolesRequest) -> Result<ListRolesResponse, Error> {
    let prefix = path_or_root(req.path_prefix);
    let mut roles: Vec<entities::Role> = cx.begin().list(&Key::new(), None, usize::MAX).await?;
    roles.retain(|role| role.path.starts_with(&prefix));
    let page = page(roles, req.marker.as_deref(), req.max_items, |role| role.name.to_lowercase())?;
    let roles = page.items.iter().map(|role| shapes::role(cx.account(), role, View::Listed)).collect();
    Ok(ListRolesResponse { roles, is_truncated: page.is_truncated, marker: page.marker })
}
