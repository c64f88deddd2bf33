//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>

use kernel::{Ctx, Tx};

use crate::Iam;
use crate::entities::{self, Attachment, Kind, path_or_root};
use crate::error::Error;
use crate::generated::{
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole, PolicyUser,
};
use crate::managed::find_policy;
use crate::page::page;

pub(crate) async fn list_entities_for_policy(
    cx: &Ctx<Iam>,
    req: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, Error> {
    let mut tx = cx.begin();
    let arn = &req.policy_arn;
    if find_policy(&mut tx, cx.account(), arn).await?.is_none() {
        return Err(Error::NoSuchEntity(format!("Policy {arn} was not found.")));
    }
    let mut found: Vec<Attachment> = Vec::new();
    let usage = req.policy_usage_filter.as_deref();
    for (is_boundary, name) in [(false, "PermissionsPolicy"), (true, "PermissionsBoundary")] {
        if usage.is_none_or(|usage| usage == name) {
            found.extend(
                tx.list::<Attachment>(&Attachment::prefix(arn, is_boundary), None, usize::MAX).await?,
            );
        }
    }
    let kind = match req.entity_filter.as_deref() {
        Some("User") => Some(Kind::User),
        Some("Group") => Some(Kind::Group),
        Some("Role") => Some(Kind::Role),
        _ => None,
    };
    found.retain(|entity| kind.is_none_or(|kind| entity.kind == kind));
    let prefix = path_or_root(req.path_prefix);
    let mut wanted = Vec::with_capacity(found.len());
    for entity in found {
        if prefix == "/" || path_of(&mut tx, &entity).await?.starts_with(&prefix) {
            wanted.push(entity);
        }
    }
    wanted.sort_by_key(key);
    wanted.dedup_by_key(|entity| entity.id.clone());
    let page = page(wanted, req.marker.as_deref(), req.max_items, key)?;
    let of = |kind| {
        page.items
            .iter()
            .filter(move |entity| entity.kind == kind)
            .map(|entity| (Some(entity.name.clone()), Some(entity.id.clone())))
    };
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(
            of(Kind::Group).map(|(group_name, group_id)| PolicyGroup { group_name, group_id }).collect(),
        ),
        policy_users: Some(
            of(Kind::User).map(|(user_name, user_id)| PolicyUser { user_name, user_id }).collect(),
        ),
        policy_roles: Some(
            of(Kind::Role).map(|(role_name, role_id)| PolicyRole { role_name, role_id }).collect(),
        ),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn key(entity: &Attachment) -> String {
    format!("{} {} {}", entity.kind.title(), entity.name.to_lowercase(), entity.id)
}

async fn path_of(tx: &mut Tx, entity: &Attachment) -> Result<String, Error> {
    Ok(match entity.kind {
        Kind::User => entities::user(tx, &entity.name).await?.path,
        Kind::Group => entities::group(tx, &entity.name).await?.path,
        Kind::Role => entities::role(tx, &entity.name).await?.path,
    })
}
