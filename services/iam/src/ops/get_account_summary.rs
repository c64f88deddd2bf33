//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
//!
//! Known difference: what is not implemented (MFA devices, certificates, providers) is counted as 0; quotas are AWS's defaults.

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{Group, InstanceProfile, ManagedPolicy, Role, User};
use crate::error::Error;
use crate::generated::{GetAccountSummaryRequest, GetAccountSummaryResponse};

/// AWS: IAM and AWS STS quotas; and what is not implemented, of which there are none.
const QUOTAS: &[(&str, i64)] = &[
    ("AccessKeysPerUserQuota", 2),
    ("AccountAccessKeysPresent", 0),
    ("AccountMFAEnabled", 0),
    ("AccountSigningCertificatesPresent", 0),
    ("AssumeRolePolicySizeQuota", 2048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GlobalEndpointTokenVersion", 1),
    ("GroupPolicySizeQuota", 5120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfilesQuota", 1000),
    ("MFADevices", 0),
    ("MFADevicesInUse", 0),
    ("PoliciesQuota", 1500),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10000),
    ("Providers", 0),
    ("RolePolicySizeQuota", 10240),
    ("RolesQuota", 1000),
    ("ServerCertificates", 0),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2048),
    ("UsersQuota", 5000),
    ("VersionsPerPolicyQuota", 5),
];

pub(crate) async fn get_account_summary(
    cx: &Ctx<Iam>,
    _req: GetAccountSummaryRequest,
) -> Result<GetAccountSummaryResponse, Error> {
    let tx = cx.begin();
    let users: Vec<User> = tx.list(&Key::new(), None, usize::MAX).await?;
    let groups: Vec<Group> = tx.list(&Key::new(), None, usize::MAX).await?;
    let roles: Vec<Role> = tx.list(&Key::new(), None, usize::MAX).await?;
    let profiles: Vec<InstanceProfile> = tx.list(&Key::new(), None, usize::MAX).await?;
    let policies: Vec<ManagedPolicy> = tx.list(&Key::new(), None, usize::MAX).await?;
    let versions = policies.iter().map(|policy| policy.versions.len()).sum::<usize>();
    let counted = [
        ("Users", users.len()),
        ("Groups", groups.len()),
        ("Roles", roles.len()),
        ("InstanceProfiles", profiles.len()),
        ("Policies", policies.len()),
        ("PolicyVersionsInUse", versions),
    ];
    let counts = counted.into_iter().map(|(name, count)| (name.to_owned(), count as i64));
    let quotas = QUOTAS.iter().map(|(name, quota)| ((*name).to_owned(), *quota));
    Ok(GetAccountSummaryResponse { summary_map: Some(counts.chain(quotas).collect()) })
}
