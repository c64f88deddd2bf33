//! What is asked: who, which action, on what, under which circumstances.
//!
//! Always holds: names of context keys ignore case; a key has one or more values; what follows from the principal
//! (`aws:PrincipalArn`, `aws:username`, …) is filled in, and a caller's `set` replaces it.
//!
//! AWS: AWS global condition context keys.

use std::collections::HashMap;

use crate::value::format_date;

/// Who asks. Accounts have twelve digits; `user_id` is what `aws:userid` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An account's root user.
    Root { account: String },
    /// An IAM user.
    User { arn: String, account: String, name: String, user_id: String },
    /// A session of a role. `arn` is `arn:aws:sts::…:assumed-role/{role}/{session}`, `user_id` is `AROA…:{session}`.
    RoleSession { arn: String, role_arn: String, account: String, user_id: String },
    /// A federated user (`GetFederationToken`).
    FederatedUser { arn: String, account: String, user_id: String },
    /// An identity provider's user who asks for a role: provider ARN or host, such as `accounts.google.com`.
    WebIdentity { provider: String },
    /// An AWS service, such as `apigateway.amazonaws.com`.
    Service { host: String },
    /// Nobody signed.
    Anonymous,
}

/// Context keys and their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    values: HashMap<String, Vec<String>>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// Such as `lambda:InvokeFunction`.
    pub action: String,
    /// An ARN, or `*` for an action without a resource.
    pub resource: String,
    /// The account that owns the resource; `None` for the principal's own.
    pub resource_account: Option<String>,
    /// Under which circumstances.
    pub context: Context,
}

impl Principal {
    /// As it stands in error messages and `GetCallerIdentity`.
    pub fn arn(&self) -> String {
        match self {
            Principal::Root { account } => format!("arn:aws:iam::{account}:root"),
            Principal::User { arn, .. }
            | Principal::RoleSession { arn, .. }
            | Principal::FederatedUser { arn, .. } => arn.clone(),
            Principal::WebIdentity { provider } => provider.clone(),
            Principal::Service { host } => host.clone(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }

    /// Twelve digits; `None` for services, providers and nobody.
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Root { account }
            | Principal::User { account, .. }
            | Principal::RoleSession { account, .. }
            | Principal::FederatedUser { account, .. } => Some(account),
            Principal::WebIdentity { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        }
    }

    /// Whether identity-based policies speak for it.
    pub(crate) fn has_identity_policies(&self) -> bool {
        matches!(
            self,
            Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. }
        )
    }
}

impl Request {
    /// A question with the context keys that follow from the principal.
    pub fn new(principal: Principal, action: impl Into<String>, resource: impl Into<String>) -> Request {
        let context = Context::of(&principal);
        let (action, resource) = (action.into(), resource.into());
        Request { principal, action, resource, resource_account: None, context }
    }
}

impl Context {
    /// The keys that follow from a principal.
    pub fn of(principal: &Principal) -> Context {
        let mut context = Context::default();
        let (kind, user_id) = match principal {
            Principal::Root { account } => ("Account", Some(account.clone())),
            Principal::User { user_id, .. } => ("User", Some(user_id.clone())),
            Principal::RoleSession { user_id, .. } => ("AssumedRole", Some(user_id.clone())),
            Principal::FederatedUser { user_id, .. } => ("FederatedUser", Some(user_id.clone())),
            Principal::Anonymous => ("Anonymous", Some("anonymous".to_owned())),
            Principal::WebIdentity { .. } | Principal::Service { .. } => ("", None),
        };
        if !kind.is_empty() {
            context.set("aws:PrincipalType", [kind]);
        }
        if let Some(user_id) = user_id {
            context.set("aws:userid", [user_id]);
        }
        if let Some(account) = principal.account() {
            context.set("aws:PrincipalAccount", [account]);
            context.set("aws:PrincipalArn", [principal.arn()]);
        }
        match principal {
            Principal::User { name, .. } => context.set("aws:username", [name.as_str()]),
            // AWS: aws:PrincipalArn is the role's ARN for a session.
            Principal::RoleSession { role_arn, .. } => context.set("aws:PrincipalArn", [role_arn.as_str()]),
            Principal::Service { host } => context.set("aws:PrincipalServiceName", [host.as_str()]),
            _ => {}
        }
        let is_service = matches!(principal, Principal::Service { .. });
        context.set("aws:PrincipalIsAWSService", [is_service.to_string()]);
        context
    }

    /// Sets a key; without values it is removed.
    pub fn set<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        let key = key.to_ascii_lowercase();
        if values.is_empty() {
            self.values.remove(&key);
        } else {
            self.values.insert(key, values);
        }
    }

    /// Sets `aws:CurrentTime` and `aws:EpochTime`, from seconds since the epoch.
    pub fn set_time(&mut self, epoch_s: i64) {
        self.set("aws:EpochTime", [epoch_s.to_string()]);
        self.set("aws:CurrentTime", [format_date(epoch_s)]);
    }

    /// All values of a key; empty when it is not there.
    pub fn get(&self, key: &str) -> &[String] {
        match self.values.get(key) {
            Some(values) => values,
            None if key.bytes().any(|b| b.is_ascii_uppercase()) => {
                self.values.get(&key.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
            }
            None => &[],
        }
    }

    /// The value of a key that has exactly one: what a policy variable stands for.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            [value] => Some(value),
            _ => None,
        }
    }
}
