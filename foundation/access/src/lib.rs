//! Who asks, and whether they may: signatures held against credentials, and principals' policies, as IAM keeps them, evaluated by `policy`.
//!
//! Root may do everything in its account. A policy that cannot be read never allows, and a boundary or session policy that cannot be read
//! bounds to nothing. Documents are compiled once and remembered, a bounded number of them.

mod authenticate;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::identity::{Principal, PrincipalKind, PrincipalPolicies};
use kernel::{Failure, Host};
use policy::{Context, Kind, MessageForm, Policies, Policy, evaluate};

pub use authenticate::{KEYS_REMEMBERED, Refused, UnknownKeys, root, verify};

/// Compiled documents kept; beyond that the whole cache starts anew.
const DOCUMENTS_MAX: usize = 4096;

/// A refusal, with AWS's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Denied(pub String);

/// The other side of a request: whose resource it is, and that resource's own policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target<'a> {
    /// Account, twelve digits; `None` for the principal's own.
    pub owner: Option<&'a str>,
    /// The resource's policy.
    pub policy: Option<&'a Policy>,
}

/// Compiled policies, by document.
#[derive(Default)]
pub struct Guard(Mutex<HashMap<Arc<str>, Arc<Policy>>>);

impl Guard {
    /// Decides whether `principal` may do `action` on each of `resources`; `describe` adds context keys of the request.
    pub async fn check(
        &self,
        host: &Host,
        principal: &Principal,
        (action, resources): (&str, &[String]),
        describe: impl Fn(&mut Context),
    ) -> Result<Result<(), Denied>, Failure> {
        if principal.kind == PrincipalKind::Root {
            return Ok(Ok(()));
        }
        let target = Target { owner: None, policy: None };
        self.check_owned(host, principal, (action, resources), &target, describe).await
    }

    /// As [`Guard::check`], for resources of one owner that have a policy of their own: within the owner's account either side may allow,
    /// from another account both must, and whoever denies wins. AWS: Policy evaluation logic; root of the owner's account needs no allow.
    pub async fn check_owned(
        &self,
        host: &Host,
        principal: &Principal,
        (action, resources): (&str, &[String]),
        target: &Target<'_>,
        describe: impl Fn(&mut Context),
    ) -> Result<Result<(), Denied>, Failure> {
        let granted = match principal.kind {
            PrincipalKind::Root => PrincipalPolicies::default(),
            _ => host.rooms().identities.policies(principal).await?,
        };
        let identity: Vec<Arc<Policy>> =
            granted.identity.iter().filter_map(|document| self.compile(document)).collect();
        let bound = |document: &Arc<str>| self.compile(document).unwrap_or_else(|| Arc::new(nothing()));
        let boundary = granted.boundary.as_ref().map(bound);
        let session: Vec<Arc<Policy>> = granted.session.iter().map(bound).collect();
        let identity: Vec<&Policy> = identity.iter().map(Arc::as_ref).collect();
        let session: Vec<&Policy> = session.iter().map(Arc::as_ref).collect();
        let policies = Policies {
            identity: &identity,
            boundary: boundary.as_deref(),
            session: (!session.is_empty()).then_some(session.as_slice()),
            resource: target.policy,
            ..Policies::default()
        };
        for resource in resources {
            let mut request = policy::Request::new(asker(principal), action, resource.as_str());
            request.resource_account = target.owner.map(str::to_owned);
            request.context.set_time(host.clock.now_ms() / 1000);
            describe(&mut request.context);
            let decision = evaluate(&request, &policies);
            if !decision.is_allowed() {
                return Ok(Err(Denied(decision.message(&request, MessageForm::Plain))));
            }
        }
        Ok(Ok(()))
    }

    fn compile(&self, document: &Arc<str>) -> Option<Arc<Policy>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = known.get(document) {
            return Some(Arc::clone(policy));
        }
        match Policy::parse(document, Kind::Identity) {
            Ok(policy) => {
                if known.len() >= DOCUMENTS_MAX {
                    known.clear();
                }
                let policy = Arc::new(policy);
                known.insert(Arc::clone(document), Arc::clone(&policy));
                Some(policy)
            }
            Err(error) => {
                tracing::warn!(%error, "a stored policy cannot be read and allows nothing");
                None
            }
        }
    }
}

/// A policy that denies everything.
fn nothing() -> Policy {
    const DOCUMENT: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    Policy::parse(DOCUMENT, Kind::Identity).expect("the document is well-formed")
}

/// The principal as `policy` knows it.
fn asker(principal: &Principal) -> policy::Principal {
    let Principal { arn, account, user_id, kind, .. } = principal.clone();
    match kind {
        PrincipalKind::Root => policy::Principal::Root { account },
        PrincipalKind::User { name } => policy::Principal::User { arn, account, name, user_id },
        PrincipalKind::Role { role_arn, .. } => {
            policy::Principal::RoleSession { arn, role_arn, account, user_id }
        }
        PrincipalKind::Service => policy::Principal::Service { host: arn },
        PrincipalKind::Anonymous => policy::Principal::Anonymous,
    }
}
