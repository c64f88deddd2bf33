//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{InstanceProfile, path_or_root};
use crate::error::Error;
use crate::generated::{ListInstanceProfilesRequest, ListInstanceProfilesResponse};
use crate::page::page;
use crate::resources::with_role;
use crate::shapes::View;

pub(crate) async fn list_instance_profiles(
    cx: &Ctx<Iam>,
    req: ListInstanceProfilesRequest,
) -> Result<ListInstanceProfilesResponse, Error> {
    let tx = cx.begin();
    let prefix = path_or_root(req.path_prefix);
    let mut profiles: Vec<InstanceProfile> = tx.list(&Key::new(), None, usize::MAX).await?;
    profiles.retain(|profile| profile.path.starts_with(&prefix));
    let page = page(profiles, req.marker.as_deref(), req.max_items, |profile| profile.name.to_lowercase())?;
    let mut instance_profiles = Vec::with_capacity(page.items.len());
    for profile in &page.items {
        instance_profiles.push(with_role(&tx, cx.account(), profile, View::Listed).await?);
    }
    Ok(ListInstanceProfilesResponse {
        instance_profiles,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
