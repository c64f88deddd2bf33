//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{ListGroupsRequest, ListGroupsResponse};
use crate::page::page;
use crate::shapes;

pub(crate) async fn list_groups(cx: &Ctx<Iam>, req: ListGroupsRequest) -> Result<ListGroupsResponse, Error> {
    let prefix = path_or_root(req.path_prefix);
    let mut groups: Vec<entities::Group> = cx.begin().list(&Key::new(), None, usize::MAX).await?;
    groups.retain(|group| group.path.starts_with(&prefix));
    let page = page(groups, req.marker.as_deref(), req.max_items, |group| group.name.to_lowercase())?;
    let groups = page.items.iter().map(|group| shapes::group(cx.account(), group)).collect();
    Ok(ListGroupsResponse { groups, is_truncated: page.is_truncated, marker: page.marker })
}
