//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
//!
//! Known difference: of AWS's own policies only those that Loggia knows are listed.

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::{ManagedPolicy, path_or_root};
use crate::error::Error;
use crate::generated::{ListPoliciesRequest, ListPoliciesResponse};
use crate::managed::{AWS, Found, uses};
use crate::page::page;
use crate::shapes::{self, View};

pub(crate) async fn list_policies(
    cx: &Ctx<Iam>,
    req: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Error> {
    let prefix = path_or_root(req.path_prefix);
    let scope = req.scope.as_deref().unwrap_or("All");
    let tx = cx.begin();
    let mut all: Vec<(String, Found)> = Vec::new();
    if scope != "AWS" {
        let own: Vec<ManagedPolicy> = tx.list(&Key::new(), None, usize::MAX).await?;
        let own = own.into_iter().filter(|own| own.path.starts_with(&prefix));
        all.extend(own.map(|own| (format!("{} own", own.name.to_lowercase()), Found::Own(Box::new(own)))));
    }
    if scope != "Local" {
        let aws = AWS.iter().filter(|aws| aws.path.starts_with(&prefix));
        all.extend(aws.map(|aws| (format!("{} aws", aws.name.to_lowercase()), Found::Aws(aws))));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut wanted = Vec::new();
    for (key, found) in all {
        let uses = uses(&tx, &found).await?;
        let counted = match req.policy_usage_filter.as_deref() {
            Some("PermissionsPolicy") => uses.0,
            Some("PermissionsBoundary") => uses.1,
            _ => uses.0 + uses.1,
        };
        if counted > 0 || !req.only_attached.unwrap_or_default() && req.policy_usage_filter.is_none() {
            wanted.push((key, found, uses));
        }
    }
    let page = page(wanted, req.marker.as_deref(), req.max_items, |(key, ..)| key.clone())?;
    let shape = |(_, found, uses): &(String, Found, (i64, i64))| {
        shapes::policy(cx.account(), found, *uses, View::Listed)
    };
    let policies = page.items.iter().map(shape).collect();
    Ok(ListPoliciesResponse {
        policies: Some(policies),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
