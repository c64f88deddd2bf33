//! The decision: which policies speak, in which order, and what their answers come to.
//!
//! Always holds: an explicit deny in any policy wins; nothing is allowed that no policy allows, but an account's root
//! in its own account; across accounts both sides must allow.
//!
//! AWS: Policy evaluation logic; Policy evaluation for requests within a single account; Cross-account policy
//! evaluation logic. Known difference: where several types of policies deny, which of them is told is not documented;
//! here it is the first of identity, resource, boundary, session.

use crate::context::{Principal, Request};
use crate::policy::{Effect, Policy, Statement};
use crate::principal::Level;

/// The policies that bear on a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Attached and inline policies of the user (with its groups) or role.
    pub identity: &'a [&'a Policy],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a Policy>,
    /// Session policies; `None` when the session was made without any.
    pub session: Option<&'a [&'a Policy]>,
    /// The resource's own policy, or the role's trust policy.
    pub resource: Option<&'a Policy>,
    /// What the resource's policy is, and whether it must allow even within the account.
    pub resource_rule: ResourceRule,
}

/// How a resource's policy counts within its own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResourceRule {
    /// Either it or an identity-based policy may allow (most services).
    #[default]
    Either,
    /// It must allow, at least the account (KMS keys).
    Required,
    /// It is a role's trust policy: must allow.
    Trust,
}

/// A type of policy, as error messages call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    /// Attached to the user, its groups, or the role.
    Identity,
    /// Attached to the resource.
    Resource,
    /// Who may assume the role.
    RoleTrust,
    /// The most that identity-based policies may grant.
    PermissionsBoundary,
    /// Passed when the session was made.
    Session,
}

/// Yes or no, and how firmly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Allow,
    /// A statement says no.
    ExplicitDeny,
    /// No statement says yes.
    ImplicitDeny,
}

/// The answer and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Yes or no.
    pub outcome: Outcome,
    /// The type of policy that decided; `None` when an account's root is allowed without any.
    pub by: Option<PolicyType>,
    /// The ARN of the managed policy that decided, if it has one.
    pub policy_arn: Option<String>,
    /// The `Sid` of the statement that decided, if it has one.
    pub sid: Option<String>,
}

impl Decision {
    /// Whether the answer is yes.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }

    fn by(outcome: Outcome, by: PolicyType) -> Decision {
        Decision { outcome, by: Some(by), policy_arn: None, sid: None }
    }

    fn on(outcome: Outcome, by: PolicyType, policy: &Policy, statement: &Statement) -> Decision {
        let (policy_arn, sid) = (policy.arn.clone(), statement.sid.clone());
        Decision { outcome, by: Some(by), policy_arn, sid }
    }
}

/// Decides a request.
pub fn evaluate(request: &Request, policies: &Policies<'_>) -> Decision {
    if let Some(denied) = explicit_deny(request, policies) {
        return denied;
    }
    let granted = policies.resource.and_then(|policy| {
        let (level, statement) = policy.find_naming(Effect::Allow, request)?;
        Some((level, Decision::on(Outcome::Allow, policies.resource_type(), policy, statement)))
    });
    let is_own_account = match (request.principal.account(), request.resource_account.as_deref()) {
        (Some(own), Some(owner)) => own == owner,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let by_resource = Decision::by(Outcome::ImplicitDeny, policies.resource_type());
    match (&request.principal, granted) {
        (Principal::Root { .. }, _) if is_own_account && policies.resource_rule == ResourceRule::Either => {
            Decision { outcome: Outcome::Allow, by: None, policy_arn: None, sid: None }
        }
        // Root users, services, providers and nobody have no policies of their own.
        (principal, granted) if !principal.has_identity_policies() => {
            granted.map_or(by_resource, |(_, decision)| decision)
        }
        (_, granted) if is_own_account => within_account(request, policies, granted),
        (_, None) => {
            let own = own_side(request, policies);
            if own.is_allowed() { by_resource } else { own }
        }
        (_, Some((_, granted))) => {
            let own = own_side(request, policies);
            if own.is_allowed() { granted } else { own }
        }
    }
}

// AWS: Policy evaluation for requests within a single account.
fn within_account(
    request: &Request,
    policies: &Policies<'_>,
    granted: Option<(Level, Decision)>,
) -> Decision {
    match granted {
        // Named itself: nothing of its own need allow, nor can a boundary or session policy hold it back by silence.
        Some((Level::Itself, decision)) => decision,
        Some((Level::Role, decision)) => limit(request, policies).unwrap_or(decision),
        Some((Level::Account, _)) => own_side(request, policies),
        None if policies.resource_rule == ResourceRule::Either => own_side(request, policies),
        None => Decision::by(Outcome::ImplicitDeny, policies.resource_type()),
    }
}

// Identity-based policies, within boundary and session policies.
fn own_side(request: &Request, policies: &Policies<'_>) -> Decision {
    let found = policies
        .identity
        .iter()
        .find_map(|policy| policy.find(Effect::Allow, request).map(|statement| (*policy, statement)));
    let Some((policy, statement)) = found else {
        return Decision::by(Outcome::ImplicitDeny, PolicyType::Identity);
    };
    limit(request, policies)
        .unwrap_or_else(|| Decision::on(Outcome::Allow, PolicyType::Identity, policy, statement))
}

// What boundary and session policies do not allow.
fn limit(request: &Request, policies: &Policies<'_>) -> Option<Decision> {
    let allows = |policy: &&Policy| policy.find(Effect::Allow, request).is_some();
    if policies.boundary.is_some_and(|boundary| !allows(&boundary)) {
        return Some(Decision::by(Outcome::ImplicitDeny, PolicyType::PermissionsBoundary));
    }
    if policies.session.is_some_and(|session| !session.iter().any(allows)) {
        return Some(Decision::by(Outcome::ImplicitDeny, PolicyType::Session));
    }
    None
}

fn explicit_deny(request: &Request, policies: &Policies<'_>) -> Option<Decision> {
    let deny = |by: PolicyType, policy: &Policy| {
        let statement = policy.find(Effect::Deny, request)?;
        Some(Decision::on(Outcome::ExplicitDeny, by, policy, statement))
    };
    let resource = || {
        let policy = policies.resource?;
        let (_, statement) = policy.find_naming(Effect::Deny, request)?;
        Some(Decision::on(Outcome::ExplicitDeny, policies.resource_type(), policy, statement))
    };
    if !request.principal.has_identity_policies() {
        return resource();
    }
    let session = policies.session.unwrap_or_default();
    policies
        .identity
        .iter()
        .find_map(|policy| deny(PolicyType::Identity, policy))
        .or_else(resource)
        .or_else(|| policies.boundary.and_then(|policy| deny(PolicyType::PermissionsBoundary, policy)))
        .or_else(|| session.iter().find_map(|policy| deny(PolicyType::Session, policy)))
}

impl Policies<'_> {
    fn resource_type(&self) -> PolicyType {
        if self.resource_rule == ResourceRule::Trust { PolicyType::RoleTrust } else { PolicyType::Resource }
    }
}

#[cfg(test)]
mod tests;
