//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{self, InstanceProfile};
use crate::error::Error;
use crate::generated::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};
use crate::page::page;
use crate::resources::with_role;
use crate::shapes::View;

pub(crate) async fn list_instance_profiles_for_role(
    cx: &Ctx<Iam>,
    req: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, Error> {
    let mut tx = cx.begin();
    let role = entities::role(&mut tx, &req.role_name).await?;
    let mut profiles: Vec<InstanceProfile> = tx.list(&Key::new(), None, usize::MAX).await?;
    profiles.retain(|profile| role.profiles.contains(&profile.name.to_lowercase()));
    let page = page(profiles, req.marker.as_deref(), req.max_items, |profile| profile.name.to_lowercase())?;
    let mut instance_profiles = Vec::with_capacity(page.items.len());
    for profile in &page.items {
        instance_profiles.push(with_role(&tx, cx.account(), profile, View::Listed).await?);
    }
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
