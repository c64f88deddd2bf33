//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
//!
//! Known difference: of AWS's own policies only the default version is known.

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{GetPolicyVersionRequest, GetPolicyVersionResponse};
use crate::managed::find_policy;
use crate::versions::{no_version, versions};

pub(crate) async fn get_policy_version(
    cx: &Ctx<Iam>,
    req: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, Error> {
    let (arn, wanted) = (&req.policy_arn, &req.version_id);
    let missing = || Error::NoSuchEntity(no_version(arn, wanted));
    let found = find_policy(&mut cx.begin(), cx.account(), arn).await?.ok_or_else(missing)?;
    let version = versions(&found).into_iter().find(|version| version.version_id.as_ref() == Some(wanted));
    Ok(GetPolicyVersionResponse { policy_version: Some(version.ok_or_else(missing)?) })
}
