//! The table of operations: one row each, alphabetical.

mod add_role_to_instance_profile;
mod add_user_to_group;
mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod create_access_key;
mod create_account_alias;
mod create_group;
mod create_instance_profile;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_service_linked_role;
mod create_user;
mod delete_access_key;
mod delete_account_alias;
mod delete_group;
mod delete_group_policy;
mod delete_instance_profile;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_service_linked_role;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod get_account_authorization_details;
mod get_account_summary;
mod get_group;
mod get_group_policy;
mod get_instance_profile;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_service_linked_role_deletion_status;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_entities_for_policy;
mod list_group_policies;
mod list_groups;
mod list_groups_for_user;
mod list_instance_profile_tags;
mod list_instance_profiles;
mod list_instance_profiles_for_role;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod put_group_policy;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod remove_role_from_instance_profile;
mod remove_user_from_group;
mod set_default_policy_version;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod tag_instance_profile;
mod tag_policy;
mod tag_role;
mod tag_user;
mod untag_instance_profile;
mod untag_policy;
mod untag_role;
mod untag_user;
mod update_access_key;
mod update_assume_role_policy;
mod update_group;
mod update_role;
mod update_role_description;
mod update_user;

use kernel::{Operation, op};

use crate::Iam;
use crate::resources::{everything, groups, new_policies, policies, policy_path, profiles, roles, users};

/// The table.
pub fn table() -> Vec<Operation<Iam>> {
    vec![
        op("AddRoleToInstanceProfile", add_role_to_instance_profile::add_role_to_instance_profile)
            .on(profiles),
        op("AddUserToGroup", add_user_to_group::add_user_to_group).on(groups),
        op("AttachGroupPolicy", attach_group_policy::attach_group_policy).on(groups),
        op("AttachRolePolicy", attach_role_policy::attach_role_policy).on(roles),
        op("AttachUserPolicy", attach_user_policy::attach_user_policy).on(users),
        op("CreateAccessKey", create_access_key::create_access_key).on(users),
        op("CreateAccountAlias", create_account_alias::create_account_alias).on(everything),
        op("CreateGroup", create_group::create_group).on(groups),
        op("CreateInstanceProfile", create_instance_profile::create_instance_profile).on(profiles),
        op("CreatePolicy", create_policy::create_policy).on(new_policies),
        op("CreatePolicyVersion", create_policy_version::create_policy_version).on(policies),
        op("CreateRole", create_role::create_role).on(roles),
        op("CreateServiceLinkedRole", create_service_linked_role::create_service_linked_role).on(everything),
        op("CreateUser", create_user::create_user).on(users),
        op("DeleteAccessKey", delete_access_key::delete_access_key).on(users),
        op("DeleteAccountAlias", delete_account_alias::delete_account_alias).on(everything),
        op("DeleteGroup", delete_group::delete_group).on(groups),
        op("DeleteGroupPolicy", delete_group_policy::delete_group_policy).on(groups),
        op("DeleteInstanceProfile", delete_instance_profile::delete_instance_profile).on(profiles),
        op("DeletePolicy", delete_policy::delete_policy).on(policies),
        op("DeletePolicyVersion", delete_policy_version::delete_policy_version).on(policies),
        op("DeleteRole", delete_role::delete_role).on(roles),
        op(
            "DeleteRolePermissionsBoundary",
            delete_role_permissions_boundary::delete_role_permissions_boundary,
        )
        .on(roles),
        op("DeleteRolePolicy", delete_role_policy::delete_role_policy).on(roles),
        op("DeleteServiceLinkedRole", delete_service_linked_role::delete_service_linked_role).on(roles),
        op("DeleteUser", delete_user::delete_user).on(users),
        op(
            "DeleteUserPermissionsBoundary",
            delete_user_permissions_boundary::delete_user_permissions_boundary,
        )
        .on(users),
        op("DeleteUserPolicy", delete_user_policy::delete_user_policy).on(users),
        op("DetachGroupPolicy", detach_group_policy::detach_group_policy).on(groups),
        op("DetachRolePolicy", detach_role_policy::detach_role_policy).on(roles),
        op("DetachUserPolicy", detach_user_policy::detach_user_policy).on(users),
        op(
            "GetAccountAuthorizationDetails",
            get_account_authorization_details::get_account_authorization_details,
        )
        .on(everything),
        op("GetAccountSummary", get_account_summary::get_account_summary).on(everything),
        op("GetGroup", get_group::get_group).on(groups),
        op("GetGroupPolicy", get_group_policy::get_group_policy).on(groups),
        op("GetInstanceProfile", get_instance_profile::get_instance_profile).on(profiles),
        op("GetPolicy", get_policy::get_policy).on(policies),
        op("GetPolicyVersion", get_policy_version::get_policy_version).on(policies),
        op("GetRole", get_role::get_role).on(roles),
        op("GetRolePolicy", get_role_policy::get_role_policy).on(roles),
        op(
            "GetServiceLinkedRoleDeletionStatus",
            get_service_linked_role_deletion_status::get_service_linked_role_deletion_status,
        )
        .on(everything),
        op("GetUser", get_user::get_user).on(users),
        op("GetUserPolicy", get_user_policy::get_user_policy).on(users),
        op("ListAccessKeys", list_access_keys::list_access_keys).on(users),
        op("ListAccountAliases", list_account_aliases::list_account_aliases).on(everything),
        op("ListAttachedGroupPolicies", list_attached_group_policies::list_attached_group_policies)
            .on(groups),
        op("ListAttachedRolePolicies", list_attached_role_policies::list_attached_role_policies).on(roles),
        op("ListAttachedUserPolicies", list_attached_user_policies::list_attached_user_policies).on(users),
        op("ListEntitiesForPolicy", list_entities_for_policy::list_entities_for_policy).on(policies),
        op("ListGroupPolicies", list_group_policies::list_group_policies).on(groups),
        op("ListGroups", list_groups::list_groups).on(groups),
        op("ListGroupsForUser", list_groups_for_user::list_groups_for_user).on(users),
        op("ListInstanceProfileTags", list_instance_profile_tags::list_instance_profile_tags).on(profiles),
        op("ListInstanceProfiles", list_instance_profiles::list_instance_profiles).on(profiles),
        op("ListInstanceProfilesForRole", list_instance_profiles_for_role::list_instance_profiles_for_role)
            .on(roles),
        op("ListPolicies", list_policies::list_policies).on(policy_path),
        op("ListPolicyTags", list_policy_tags::list_policy_tags).on(policies),
        op("ListPolicyVersions", list_policy_versions::list_policy_versions).on(policies),
        op("ListRolePolicies", list_role_policies::list_role_policies).on(roles),
        op("ListRoleTags", list_role_tags::list_role_tags).on(roles),
        op("ListRoles", list_roles::list_roles).on(roles),
        op("ListUserPolicies", list_user_policies::list_user_policies).on(users),
        op("ListUserTags", list_user_tags::list_user_tags).on(users),
        op("ListUsers", list_users::list_users).on(users),
        op("PutGroupPolicy", put_group_policy::put_group_policy).on(groups),
        op("PutRolePermissionsBoundary", put_role_permissions_boundary::put_role_permissions_boundary)
            .on(roles),
        op("PutRolePolicy", put_role_policy::put_role_policy).on(roles),
        op("PutUserPermissionsBoundary", put_user_permissions_boundary::put_user_permissions_boundary)
            .on(users),
        op("PutUserPolicy", put_user_policy::put_user_policy).on(users),
        op(
            "RemoveRoleFromInstanceProfile",
            remove_role_from_instance_profile::remove_role_from_instance_profile,
        )
        .on(profiles),
        op("RemoveUserFromGroup", remove_user_from_group::remove_user_from_group).on(groups),
        op("SetDefaultPolicyVersion", set_default_policy_version::set_default_policy_version).on(policies),
        op("SimulateCustomPolicy", simulate_custom_policy::simulate_custom_policy).on(everything),
        op("SimulatePrincipalPolicy", simulate_principal_policy::simulate_principal_policy).on(everything),
        op("TagInstanceProfile", tag_instance_profile::tag_instance_profile).on(profiles),
        op("TagPolicy", tag_policy::tag_policy).on(policies),
        op("TagRole", tag_role::tag_role).on(roles),
        op("TagUser", tag_user::tag_user).on(users),
        op("UntagInstanceProfile", untag_instance_profile::untag_instance_profile).on(profiles),
        op("UntagPolicy", untag_policy::untag_policy).on(policies),
        op("UntagRole", untag_role::untag_role).on(roles),
        op("UntagUser", untag_user::untag_user).on(users),
        op("UpdateAccessKey", update_access_key::update_access_key).on(users),
        op("UpdateAssumeRolePolicy", update_assume_role_policy::update_assume_role_policy).on(roles),
        op("UpdateGroup", update_group::update_group).on(groups),
        op("UpdateRole", update_role::update_role).on(roles),
        op("UpdateRoleDescription", update_role_description::update_role_description).on(roles),
        op("UpdateUser", update_user::update_user).on(users),
    ]
}
