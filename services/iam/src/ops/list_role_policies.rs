//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{ListRolePoliciesRequest, ListRolePoliciesResponse};
use crate::page::page;

pub(crate) async fn list_role_policies(
    cx: &Ctx<Iam>,
    req: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, Error> {
    let role = entities::role(&mut cx.begin(), &req.role_name).await?;
    let names: Vec<String> = role.inline.into_keys().collect();
    let page = page(names, req.marker.as_deref(), req.max_items, String::clone)?;
    Ok(ListRolePoliciesResponse {
        policy_names: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
