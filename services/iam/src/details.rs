//! Entities as `GetAccountAuthorizationDetails` answers them.

use kernel::{Key, Tx};
use wire::Timestamp;

use crate::documents::encoded;
use crate::entities::{self, InstanceProfile, Strings, arn};
use crate::error::Error;
use crate::generated::{
    GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, RoleLastUsed, UserDetail,
};
use crate::managed::{Found, uses};
use crate::shapes::{self, View};
use crate::tags;
use crate::versions::versions;

fn inline(policies: &Strings) -> Vec<PolicyDetail> {
    let detail = |(name, document): (&String, &String)| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(encoded(document)),
    };
    policies.iter().map(detail).collect()
}

/// A user.
pub fn user(account: &str, user: &entities::User) -> UserDetail {
    UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(arn(account, "user", &user.path, &user.name)),
        create_date: Some(Timestamp(user.created_ms)),
        user_policy_list: (!user.inline.is_empty()).then(|| inline(&user.inline)),
        group_list: Some(user.groups.clone()),
        attached_managed_policies: Some(user.attached.iter().map(|arn| shapes::attached(arn)).collect()),
        permissions_boundary: user.boundary.as_deref().map(shapes::boundary),
        tags: Some(tags::shape(&user.tags)),
    }
}

/// A group.
pub fn group(account: &str, group: &entities::Group) -> GroupDetail {
    GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(arn(account, "group", &group.path, &group.name)),
        create_date: Some(Timestamp(group.created_ms)),
        group_policy_list: Some(inline(&group.inline)),
        attached_managed_policies: Some(group.attached.iter().map(|arn| shapes::attached(arn)).collect()),
    }
}

/// A role and the instance profiles that hold it.
pub async fn role(tx: &Tx, account: &str, role: &entities::Role) -> Result<RoleDetail, Error> {
    let mut profiles = Vec::new();
    if !role.profiles.is_empty() {
        let all: Vec<InstanceProfile> = tx.list(&Key::new(), None, usize::MAX).await?;
        let holds = |profile: &&InstanceProfile| role.profiles.contains(&profile.name.to_lowercase());
        let shape = |profile| shapes::profile(account, profile, Some(role), View::Listed);
        profiles = all.iter().filter(holds).map(shape).collect();
    }
    Ok(RoleDetail {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.id.clone()),
        arn: Some(arn(account, "role", &role.path, &role.name)),
        create_date: Some(Timestamp(role.created_ms)),
        assume_role_policy_document: Some(encoded(&role.trust)),
        instance_profile_list: Some(profiles),
        role_policy_list: Some(inline(&role.inline)),
        attached_managed_policies: Some(role.attached.iter().map(|arn| shapes::attached(arn)).collect()),
        permissions_boundary: role.boundary.as_deref().map(shapes::boundary),
        tags: Some(tags::shape(&role.tags)),
        role_last_used: Some(RoleLastUsed::default()),
    })
}

/// A managed policy and its versions.
pub async fn policy(tx: &Tx, account: &str, found: &Found) -> Result<ManagedPolicyDetail, Error> {
    let shape = shapes::policy(account, found, uses(tx, found).await?, View::Whole);
    Ok(ManagedPolicyDetail {
        policy_name: shape.policy_name,
        policy_id: shape.policy_id,
        arn: shape.arn,
        path: shape.path,
        default_version_id: shape.default_version_id,
        attachment_count: shape.attachment_count,
        permissions_boundary_usage_count: shape.permissions_boundary_usage_count,
        is_attachable: shape.is_attachable,
        description: shape.description,
        create_date: shape.create_date,
        update_date: shape.update_date,
        policy_version_list: Some(versions(found)),
    })
}
