//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListPolicyVersionsRequest, ListPolicyVersionsResponse, PolicyVersion};
use crate::managed::find_policy;
use crate::page::page;
use crate::versions::{number, versions};

pub(crate) async fn list_policy_versions(
    cx: &Ctx<Iam>,
    req: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, Error> {
    let arn = &req.policy_arn;
    let found = find_policy(&mut cx.begin(), cx.account(), arn).await?;
    let found = found.ok_or_else(|| Error::NoSuchEntity(format!("Policy {arn} was not found.")))?;
    let mut versions = versions(&found);
    versions.reverse();
    versions.iter_mut().for_each(|version| version.document = None);
    // Versions are listed from the latest on: the key of a page grows with age.
    let key = |version: &PolicyVersion| format!("{:012}", i64::from(u32::MAX) - number(version));
    let page = page(versions, req.marker.as_deref(), req.max_items, key)?;
    Ok(ListPolicyVersionsResponse {
        versions: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
