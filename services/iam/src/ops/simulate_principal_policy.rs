//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{SimulatePolicyResponse, SimulatePrincipalPolicyRequest};
use crate::page::page;
use crate::simulate::{self, Question};

pub(crate) async fn simulate_principal_policy(
    cx: &Ctx<Iam>,
    req: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, Error> {
    let account = cx.account().to_owned();
    let source = &req.policy_source_arn;
    let (principal, mut own, bound) = simulate::principal(cx, source).await?;
    own.push(("PolicyInputList".to_owned(), req.policy_input_list.unwrap_or_default()));
    let caller = match &req.caller_arn {
        Some(arn) => simulate::caller(&account, Some(arn)),
        None => principal,
    };
    let question = Question {
        caller,
        account,
        boundary: req.permissions_boundary_policy_input_list.unwrap_or(bound),
        resource_policy: req.resource_policy,
        resource_owner: req.resource_owner,
        actions: req.action_names,
        resources: req.resource_arns.unwrap_or_default(),
        context: req.context_entries.unwrap_or_default(),
        now_ms: cx.now_ms(),
    };
    let results = simulate::simulate(&question, own)?;
    let page = page(results, req.marker.as_deref(), req.max_items, simulate::key)?;
    Ok(SimulatePolicyResponse {
        evaluation_results: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
