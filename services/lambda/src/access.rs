//! A function's own policy: statements as AddPermission builds them, and whether they let somebody in.
//!
//! Only the policy is asked here: what a caller's own policies say was asked at the door, before the handler ran.

use std::sync::{LazyLock, PoisonError, RwLock};

use kernel::Ctx;
use kernel::identity::{Principal, PrincipalKind};
use serde_json::{Value as Json, json};

use crate::Lambda;
use crate::error::{Error, invalid};
use crate::generated::AddPermissionRequest;
use crate::place::Place;

/// Longest policy, bytes (AWS: Lambda quotas, 20 KB).
const POLICY_BYTES_MAX: usize = 20_480;
/// Most decisions remembered of one policy.
const REMEMBERED_MAX: usize = 32;

/// A compiled policy. It remembers whom it let in: nothing that a statement of Lambda's can ask for changes with time.
pub(crate) struct Policy {
    compiled: Option<policy::Policy>,
    let_in: RwLock<Vec<Question>>,
}

#[derive(Clone, PartialEq)]
struct Question {
    caller: String,
    action: String,
    source_arn: Option<String>,
    source_account: Option<String>,
}

impl Question {
    fn is(&self, caller: &str, action: &str, (arn, account): Source<'_>) -> bool {
        self.caller == caller
            && self.action == action
            && self.source_arn.as_deref() == arn
            && self.source_account.as_deref() == account
    }
}

/// ARN and account of what a service calls for.
type Source<'a> = (Option<&'a str>, Option<&'a str>);

impl Policy {
    /// Compiles statements; none at all lets nobody in.
    pub fn compile(statements: &[Json]) -> Policy {
        let compiled = (!statements.is_empty()).then(|| document(statements)).and_then(|text| {
            let parsed = policy::Policy::parse(&text, policy::Kind::Resource);
            parsed.map_err(|error| tracing::error!(error = %error, "a stored policy is not understood and lets nobody in")).ok()
        });
        Policy { compiled, let_in: RwLock::default() }
    }

    /// True if the policy itself lets `caller` do `action` (with its prefix) on the ARN that was asked for.
    pub fn allows(&self, caller: &Principal, action: &str, arn: &str, source: Source<'_>) -> bool {
        let Some(compiled) = &self.compiled else { return false };
        let known = self.let_in.read().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|known| known.is(&caller.arn, action, source)) {
            return true;
        }
        drop(known);
        let mut request =
            policy::Request::new(asker(caller), action, arn.strip_suffix(":$LATEST").unwrap_or(arn));
        request.resource_account = arn.split(':').nth(4).map(str::to_owned);
        if let Some(source_arn) = source.0 {
            request.context.set("aws:SourceArn", [source_arn]);
        }
        if let Some(source_account) = source.1 {
            request.context.set("aws:SourceAccount", [source_account]);
        }
        if !evaluate(compiled, &request) {
            return false;
        }
        let mut known = self.let_in.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.push(Question {
            caller: caller.arn.clone(),
            action: action.to_owned(),
            source_arn: source.0.map(str::to_owned),
            source_account: source.1.map(str::to_owned),
        });
        true
    }
}

/// Stands for what a caller's own policies have already allowed.
static OWN_SIDE: LazyLock<policy::Policy> = LazyLock::new(|| {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    policy::Policy::parse(text, policy::Kind::Identity).expect("the document is well formed")
});

fn evaluate(compiled: &policy::Policy, request: &policy::Request) -> bool {
    let own: &policy::Policy = &OWN_SIDE;
    let policies =
        policy::Policies { identity: &[own], resource: Some(compiled), ..policy::Policies::default() };
    policy::evaluate(request, &policies).is_allowed()
}

fn asker(caller: &Principal) -> policy::Principal {
    let Principal { arn, account, user_id, .. } = caller.clone();
    match &caller.kind {
        PrincipalKind::Root => policy::Principal::Root { account },
        PrincipalKind::User { name } => policy::Principal::User { arn, account, name: name.clone(), user_id },
        PrincipalKind::Role { role_arn, .. } => {
            policy::Principal::RoleSession { arn, role_arn: role_arn.clone(), account, user_id }
        }
        PrincipalKind::Service => policy::Principal::Service { host: arn },
        PrincipalKind::Anonymous => policy::Principal::Anonymous,
    }
}

/// True if the policy of a function of another account lets the call's principal do `action` (without its prefix).
pub(crate) async fn policy_lets_in(
    cx: &Ctx<Lambda>,
    place: &Place,
    action: &'static str,
) -> Result<bool, Error> {
    let arn = place.to_string();
    let resolved = match cx.service.cache.resolve(&cx.host, &arn, place).await {
        Ok(resolved) => resolved,
        // Whether it exists is not told to strangers.
        Err(Error::FunctionNotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(resolved.policy.allows(&cx.call.principal, &format!("lambda:{action}"), &arn, (None, None)))
}

/// The policy's document.
pub(crate) fn document(statements: &[Json]) -> String {
    json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string()
}

/// Adds a statement to a policy.
pub(crate) fn add(policy: &mut Vec<Json>, statement: Json) -> Result<(), Error> {
    if let Some(id) = statement["Sid"].as_str().filter(|id| policy.iter().any(|other| other["Sid"] == **id)) {
        return Err(Error::StatementExists(id.to_owned()));
    }
    policy.push(statement);
    let bytes = document(policy).len();
    match bytes > POLICY_BYTES_MAX {
        true => Err(Error::PolicyTooLong(bytes)),
        false => Ok(()),
    }
}

/// The statement that AddPermission makes for the function, version or alias `arn`.
pub(crate) fn statement(arn: &str, req: &AddPermissionRequest) -> Result<Json, Error> {
    let mut statement = json!({
        "Sid": req.statement_id,
        "Effect": "Allow",
        "Principal": principal(&req.principal)?,
        "Action": req.action,
        "Resource": arn,
    });
    let mut condition = json!({});
    let equals = [
        ("lambda:FunctionUrlAuthType", &req.function_url_auth_type),
        ("aws:PrincipalOrgID", &req.principal_org_id),
        ("AWS:SourceAccount", &req.source_account),
        ("lambda:EventSourceToken", &req.event_source_token),
    ];
    for (key, value) in equals {
        if let Some(value) = value {
            condition["StringEquals"][key] = json!(value);
        }
    }
    if let Some(is_via_url) = req.invoked_via_function_url {
        condition["Bool"]["lambda:InvokedViaFunctionUrl"] = json!(is_via_url.to_string());
    }
    if let Some(source) = &req.source_arn {
        condition["ArnLike"]["AWS:SourceArn"] = json!(source);
    }
    if condition != json!({}) {
        statement["Condition"] = condition;
    }
    Ok(statement)
}

/// AWS: API_AddPermission, Principal: a service, an account, an ARN of IAM, or everybody.
fn principal(given: &str) -> Result<Json, Error> {
    let is_account = given.len() == 12 && given.bytes().all(|byte| byte.is_ascii_digit());
    let is_arn = given.split(':').count() >= 6
        && given.starts_with("arn:aws")
        && matches!(given.split(':').nth(2), Some("iam" | "sts"));
    match given {
        "*" => Ok(json!("*")),
        service if service.ends_with(".amazonaws.com") => Ok(json!({"Service": service})),
        account if is_account => Ok(json!({"AWS": format!("arn:aws:iam::{account}:root")})),
        arn if is_arn => Ok(json!({"AWS": arn})),
        _ => Err(invalid("The provided principal was invalid. Please check the principal and try again.")),
    }
}

#[cfg(test)]
mod tests;
