//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{ListPolicyTagsRequest, ListPolicyTagsResponse};
use crate::managed::{Found, find_policy};
use crate::page::page;
use crate::tags;

pub(crate) async fn list_policy_tags(
    cx: &Ctx<Iam>,
    req: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, Error> {
    let arn = &req.policy_arn;
    let found = find_policy(&mut cx.begin(), cx.account(), arn).await?;
    let tags = match found {
        Some(Found::Own(own)) => tags::shape(&own.tags),
        Some(Found::Aws(_)) => Vec::new(),
        None => return Err(Error::NoSuchEntity(format!("Policy {arn} was not found."))),
    };
    let page = page(tags, req.marker.as_deref(), req.max_items, |tag| tag.key.clone())?;
    Ok(ListPolicyTagsResponse { tags: page.items, is_truncated: page.is_truncated, marker: page.marker })
}
