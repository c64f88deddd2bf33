//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse};
use crate::page::page;
use crate::resources::has_path;
use crate::{entities, shapes};

pub(crate) async fn list_attached_role_policies(
    cx: &Ctx<Iam>,
    req: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, Error> {
    let role = entities::role(&mut cx.begin(), &req.role_name).await?;
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let mut arns: Vec<String> = role.attached.into_iter().filter(|arn| has_path(arn, &prefix)).collect();
    arns.sort();
    let page = page(arns, req.marker.as_deref(), req.max_items, String::clone)?;
    let attached = page.items.iter().map(|arn| shapes::attached(arn)).collect();
    Ok(ListAttachedRolePoliciesResponse {
        attached_policies: Some(attached),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
