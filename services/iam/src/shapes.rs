//! Records as IAM answers them. What an answer shows differs between creating, getting and listing; so it was recorded on AWS.

use wire::Timestamp;

use crate::documents::encoded;
use crate::entities::{self, arn};
use crate::generated::{
    AttachedPermissionsBoundary, AttachedPolicy, Group, InstanceProfile, Policy, Role, RoleLastUsed, User,
};
use crate::managed::Found;
use crate::tags;

/// How much of a record is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View {
    /// The answer to its creation.
    Created,
    /// By itself.
    Whole,
    /// In a list.
    Listed,
}

/// A user.
pub fn user(account: &str, user: &entities::User, view: View) -> User {
    let is_whole = view != View::Listed;
    User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: arn(account, "user", &user.path, &user.name),
        create_date: Timestamp(user.created_ms),
        password_last_used: None,
        permissions_boundary: user.boundary.as_deref().filter(|_| is_whole).map(boundary),
        tags: tags::some(&user.tags).filter(|_| is_whole),
    }
}

/// A group.
pub fn group(account: &str, group: &entities::Group) -> Group {
    Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: arn(account, "group", &group.path, &group.name),
        create_date: Timestamp(group.created_ms),
    }
}

/// A role.
pub fn role(account: &str, role: &entities::Role, view: View) -> Role {
    let is_new = view == View::Created;
    Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: arn(account, "role", &role.path, &role.name),
        create_date: Timestamp(role.created_ms),
        assume_role_policy_document: Some(encoded(&role.trust)),
        description: role.description.clone().filter(|_| !is_new),
        max_session_duration: (!is_new).then_some(role.max_session_s),
        permissions_boundary: role.boundary.as_deref().filter(|_| view != View::Listed).map(boundary),
        tags: tags::some(&role.tags).filter(|_| view != View::Listed),
        role_last_used: (view == View::Whole).then(RoleLastUsed::default),
        source_role_template: None,
    }
}

/// A role within an instance profile: neither description nor tags are shown.
fn role_in_profile(account: &str, role: &entities::Role) -> Role {
    Role { tags: None, permissions_boundary: None, ..self::role(account, role, View::Created) }
}

/// An instance profile with the role that is in it.
pub fn profile(
    account: &str,
    profile: &entities::InstanceProfile,
    role: Option<&entities::Role>,
    view: View,
) -> InstanceProfile {
    InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: arn(account, "instance-profile", &profile.path, &profile.name),
        create_date: Timestamp(profile.created_ms),
        roles: role.into_iter().map(|role| role_in_profile(account, role)).collect(),
        tags: match view {
            View::Created => tags::some(&profile.tags),
            View::Whole => Some(tags::shape(&profile.tags)),
            View::Listed => None,
        },
    }
}

/// A managed policy with its counts of uses.
pub fn policy(account: &str, found: &Found, uses: (i64, i64), view: View) -> Policy {
    let base = Policy {
        attachment_count: Some(uses.0),
        permissions_boundary_usage_count: Some(uses.1),
        is_attachable: Some(true),
        ..Policy::default()
    };
    match found {
        Found::Own(own) => Policy {
            policy_name: Some(own.name.clone()),
            policy_id: Some(own.id.clone()),
            arn: Some(own.arn(account)),
            path: Some(own.path.clone()),
            default_version_id: Some(format!("v{}", own.default_version)),
            description: own.description.clone().filter(|_| view == View::Whole),
            create_date: Some(Timestamp(own.created_ms)),
            update_date: Some(Timestamp(own.updated_ms)),
            tags: match view {
                View::Created => tags::some(&own.tags),
                View::Whole => Some(tags::shape(&own.tags)),
                View::Listed => None,
            },
            ..base
        },
        Found::Aws(aws) => Policy {
            policy_name: Some(aws.name.clone()),
            policy_id: Some(aws.id()),
            arn: Some(aws.arn()),
            path: Some(aws.path.clone()),
            default_version_id: Some(aws.version.clone()),
            create_date: Some(Timestamp(aws.created_ms)),
            update_date: Some(Timestamp(aws.updated_ms)),
            tags: (view == View::Whole).then(Vec::new),
            ..base
        },
    }
}

/// An attached policy: its name is the end of its ARN.
pub fn attached(arn: &str) -> AttachedPolicy {
    let name = arn.rsplit('/').next().unwrap_or_default();
    AttachedPolicy { policy_name: Some(name.to_owned()), policy_arn: Some(arn.to_owned()) }
}

/// A permissions boundary.
pub fn boundary(arn: &str) -> AttachedPermissionsBoundary {
    AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.to_owned()),
    }
}
