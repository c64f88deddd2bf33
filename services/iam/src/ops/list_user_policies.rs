//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{ListUserPoliciesRequest, ListUserPoliciesResponse};
use crate::page::page;

pub(crate) async fn list_user_policies(
    cx: &Ctx<Iam>,
    req: ListUserPoliciesRequest,
) -> Result<ListUserPoliciesResponse, Error> {
    let user = entities::user(&mut cx.begin(), &req.user_name).await?;
    let names: Vec<String> = user.inline.into_keys().collect();
    let page = page(names, req.marker.as_deref(), req.max_items, String::clone)?;
    Ok(ListUserPoliciesResponse {
        policy_names: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
