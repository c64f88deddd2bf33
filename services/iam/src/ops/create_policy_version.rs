//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>

use kernel::Ctx;
use wire::Timestamp;

use crate::Iam;
use crate::documents::check_managed;
use crate::entities::Version;
use crate::error::Error;
use crate::generated::{CreatePolicyVersionRequest, CreatePolicyVersionResponse, PolicyVersion};
use crate::managed::own_policy;

/// Versions of one managed policy (AWS: IAM and AWS STS quotas).
const VERSIONS_MAX: usize = 5;

pub(crate) async fn create_policy_version(
    cx: &Ctx<Iam>,
    req: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, Error> {
    let mut tx = cx.begin();
    let arn = &req.policy_arn;
    let missing = || format!("Policy {arn} does not exist or is not attachable.");
    let mut policy = own_policy(&mut tx, cx.account(), arn, missing).await?;
    check_managed(&req.policy_document)?;
    if policy.versions.len() >= VERSIONS_MAX {
        let text = format!(
            "A managed policy can have up to {VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version."
        );
        return Err(Error::LimitExceeded(text));
    }
    policy.last_version += 1;
    policy.updated_ms = cx.now_ms();
    let number = policy.last_version;
    policy.versions.push(Version { number, document: req.policy_document, created_ms: policy.updated_ms });
    let is_default = req.set_as_default.unwrap_or_default();
    if is_default {
        policy.default_version = number;
    }
    tx.put(&policy)?;
    tx.commit().await?;
    let version = PolicyVersion {
        document: None,
        version_id: Some(format!("v{number}")),
        is_default_version: Some(is_default),
        create_date: Some(Timestamp(policy.updated_ms)),
    };
    Ok(CreatePolicyVersionResponse { policy_version: Some(version) })
}
