//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::error::Error;
use crate::generated::{SimulateCustomPolicyRequest, SimulatePolicyResponse};
use crate::page::page;
use crate::simulate::{self, Question};

pub(crate) async fn simulate_custom_policy(
    cx: &Ctx<Iam>,
    req: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, Error> {
    let account = cx.account().to_owned();
    let own = vec![("PolicyInputList".to_owned(), req.policy_input_list)];
    let caller = simulate::caller(&account, req.caller_arn.as_deref());
    let question = Question {
        caller,
        account,
        boundary: req.permissions_boundary_policy_input_list.unwrap_or_default(),
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
