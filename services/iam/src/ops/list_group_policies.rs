//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{ListGroupPoliciesRequest, ListGroupPoliciesResponse};
use crate::page::page;

pub(crate) async fn list_group_policies(
    cx: &Ctx<Iam>,
    req: ListGroupPoliciesRequest,
) -> Result<ListGroupPoliciesResponse, Error> {
    let group = entities::group(&mut cx.begin(), &req.group_name).await?;
    let names: Vec<String> = group.inline.into_keys().collect();
    let page = page(names, req.marker.as_deref(), req.max_items, String::clone)?;
    Ok(ListGroupPoliciesResponse {
        policy_names: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
