//! The policy simulator: what would be decided, without doing it.
//!
//! Known differences: matched statements and missing context keys are not told; a resource is not checked for belonging to the action.

use kernel::{Ctx, Tx};
use policy::{Kind, Outcome, Policies, Policy, Principal, Request, ResourceRule};

use crate::Iam;
use crate::entities::{self, arn};
use crate::error::Error;
use crate::generated::{ContextEntry, EvaluationResult, PermissionsBoundaryDecisionDetail};
use crate::identities::name_of;
use crate::managed::find_policy;

/// What is asked.
pub struct Question {
    pub caller: Principal,
    pub account: String,
    /// Boundary policies, at most one.
    pub boundary: Vec<String>,
    pub resource_policy: Option<String>,
    pub resource_owner: Option<String>,
    pub actions: Vec<String>,
    /// ARNs; none means `*`.
    pub resources: Vec<String>,
    pub context: Vec<ContextEntry>,
    pub now_ms: i64,
}

/// Policies by the name under which they were given.
pub type Sources = Vec<(String, Vec<String>)>;

/// Decides every action on every resource.
pub fn simulate(question: &Question, sources: Sources) -> Result<Vec<EvaluationResult>, Error> {
    let parse = |document: &String, kind| {
        // AWS: SimulateCustomPolicy answers InvalidInput for a policy it cannot read.
        Policy::parse(document, kind).map_err(|malformed| Error::InvalidInput(malformed.0))
    };
    let mut identity = Vec::new();
    for document in sources.iter().flat_map(|(_, documents)| documents) {
        identity.push(parse(document, Kind::Identity)?);
    }
    let boundary = question.boundary.first().map(|document| parse(document, Kind::Identity)).transpose()?;
    let resource =
        question.resource_policy.as_ref().map(|document| parse(document, Kind::Resource)).transpose()?;
    let identity: Vec<&Policy> = identity.iter().collect();
    let any = ["*".to_owned()];
    let resources = if question.resources.is_empty() { &any[..] } else { &question.resources };
    let mut results = Vec::new();
    for action in &question.actions {
        for name in resources {
            let request = request(question, action, name);
            let policies = Policies {
                identity: &identity,
                boundary: boundary.as_ref(),
                session: None,
                resource: resource.as_ref(),
                resource_rule: ResourceRule::Either,
            };
            let decision = policy::evaluate(&request, &policies);
            let bounded = boundary.as_ref().map(|boundary| {
                let alone = Policies { identity: &[boundary], ..Policies::default() };
                PermissionsBoundaryDecisionDetail {
                    allowed_by_permissions_boundary: Some(policy::evaluate(&request, &alone).is_allowed()),
                }
            });
            results.push(EvaluationResult {
                eval_action_name: action.clone(),
                eval_resource_name: Some(name.clone()),
                eval_decision: word(decision.outcome).to_owned(),
                matched_statements: Some(Vec::new()),
                missing_context_values: Some(Vec::new()),
                permissions_boundary_decision_detail: bounded,
                ..EvaluationResult::default()
            });
        }
    }
    results.sort_by_key(key);
    Ok(results)
}

/// Where a result stands among the others.
pub fn key(result: &EvaluationResult) -> String {
    format!("{} {}", result.eval_action_name, result.eval_resource_name.as_deref().unwrap_or_default())
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allowed",
        Outcome::ExplicitDeny => "explicitDeny",
        Outcome::ImplicitDeny => "implicitDeny",
    }
}

fn request(question: &Question, action: &str, resource: &str) -> Request {
    let mut request = Request::new(question.caller.clone(), action, resource);
    let owner = question.resource_owner.as_deref().and_then(|owner| owner.split(':').nth(4));
    request.resource_account = Some(owner.unwrap_or(&question.account).to_owned());
    request.context.set_time(question.now_ms / 1000);
    for entry in &question.context {
        if let Some(name) = &entry.context_key_name {
            request.context.set(name, entry.context_key_values.iter().flatten().cloned());
        }
    }
    request
}

/// A caller that has the simulated policies, by its ARN if one was given.
pub fn caller(account: &str, caller: Option<&str>) -> Principal {
    let arn = caller.map_or_else(|| format!("arn:aws:iam::{account}:user/simulated"), str::to_owned);
    let name = name_of(&arn).to_owned();
    Principal::User { account: account.to_owned(), name, user_id: String::new(), arn }
}

/// A user, group or role of the account: the principal, its policies, and its boundary.
pub async fn principal(cx: &Ctx<Iam>, source: &str) -> Result<(Principal, Sources, Vec<String>), Error> {
    let account = cx.account();
    let missing = || Error::NoSuchEntity(format!("No such entity: {source}"));
    let kind = source.rsplit(':').next().and_then(|resource| resource.split('/').next()).unwrap_or_default();
    let mut tx = cx.begin();
    let name = name_of(source);
    let mut sources = Sources::new();
    let mut bound = None;
    let mut principal = caller(account, Some(source));
    match kind {
        "user" => {
            let user = entities::user(&mut tx, name).await?;
            gather(&mut tx, account, &mut sources, (user.inline, user.attached)).await?;
            for group in &user.groups {
                let group = entities::group(&mut tx, group).await?;
                gather(&mut tx, account, &mut sources, (group.inline, group.attached)).await?;
            }
            let arn = arn(account, "user", &user.path, &user.name);
            let (account, name, user_id) = (account.to_owned(), user.name, user.id);
            principal = Principal::User { arn, account, name, user_id };
            bound = user.boundary;
        }
        "group" => {
            let group = entities::group(&mut tx, name).await?;
            gather(&mut tx, account, &mut sources, (group.inline, group.attached)).await?;
        }
        "role" => {
            let role = entities::role(&mut tx, name).await?;
            gather(&mut tx, account, &mut sources, (role.inline, role.attached)).await?;
            principal = Principal::RoleSession {
                arn: format!("arn:aws:sts::{account}:assumed-role/{}/simulated", role.name),
                role_arn: arn(account, "role", &role.path, &role.name),
                account: account.to_owned(),
                user_id: format!("{}:simulated", role.id),
            };
            bound = role.boundary;
        }
        _ => return Err(missing()),
    }
    let mut boundary = Vec::new();
    if let Some(arn) = bound
        && let Some(found) = find_policy(&mut tx, account, &arn).await?
    {
        boundary.push(found.document().to_owned());
    }
    Ok((principal, sources, boundary))
}

async fn gather(
    tx: &mut Tx,
    account: &str,
    to: &mut Sources,
    (inline, attached): (entities::Strings, Vec<String>),
) -> Result<(), Error> {
    to.extend(inline.into_iter().map(|(name, document)| (name, vec![document])));
    for arn in attached {
        if let Some(found) = find_policy(tx, account, &arn).await? {
            to.push((arn, vec![found.document().to_owned()]));
        }
    }
    Ok(())
}
