//! A compiled policy and whether its statements are about a request.
//!
//! Always holds: it was valid when it was compiled; a statement applies only if its principal, action, resource and
//! every condition do.

use crate::condition::Condition;
use crate::context::Request;
use crate::document::{Kind, MalformedPolicy, RawStatement};
use crate::evaluate::Outcome;
use crate::pattern::{ArnPattern, Case, Pattern, Reading};
use crate::principal::{Level, PrincipalMatch};
use crate::validate::validate;

/// A policy, ready to be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
    pub(crate) arn: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    principal: Option<PrincipalMatch>,
    not_actions: bool,
    actions: Vec<Pattern>,
    not_resources: bool,
    /// Empty: any resource (trust policies).
    resources: Vec<ArnPattern>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

impl Policy {
    /// Reads, validates and compiles a document; the error's text is IAM's.
    pub fn parse(document: &str, kind: Kind) -> Result<Policy, MalformedPolicy> {
        let document = validate(document, kind)?;
        let variables = document.version.as_deref() == Some("2012-10-17");
        let statements = document
            .statements
            .iter()
            .map(|raw| Statement::compile(raw, variables))
            .collect::<Result<_, _>>()?;
        Ok(Policy { statements, arn: None })
    }

    /// Names the policy: a managed policy's ARN is told when it denies.
    pub fn with_arn(mut self, arn: impl Into<String>) -> Policy {
        self.arn = Some(arn.into());
        self
    }

    /// What this policy alone says, to whomever it is attached.
    pub fn outcome(&self, request: &Request) -> Outcome {
        if self.find(Effect::Deny, request).is_some() {
            Outcome::ExplicitDeny
        } else if self.find(Effect::Allow, request).is_some() {
            Outcome::Allow
        } else {
            Outcome::ImplicitDeny
        }
    }

    /// The first statement of an effect that applies to whomever the policy is attached to.
    pub(crate) fn find(&self, effect: Effect, request: &Request) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.effect == effect && statement.applies(request))
    }

    /// The statement of an effect that names the request's principal most directly.
    pub(crate) fn find_naming(&self, effect: Effect, request: &Request) -> Option<(Level, &Statement)> {
        let of_effect = self.statements.iter().filter(|statement| statement.effect == effect);
        let naming = of_effect.filter_map(|statement| {
            let level = statement.principal.as_ref()?.level(&request.principal)?;
            statement.applies(request).then_some((level, statement))
        });
        naming.max_by_key(|(level, _)| *level)
    }
}

impl Statement {
    fn compile(raw: &RawStatement, variables: bool) -> Result<Statement, MalformedPolicy> {
        let syntax = || MalformedPolicy("Syntax errors in policy.".into());
        let reading = Reading { wildcards: true, variables };
        let principal = raw.principal.as_ref().map(|(not, value)| PrincipalMatch::parse(*not, value));
        let (not_actions, actions) = raw.actions.as_ref().ok_or_else(syntax)?;
        let (not_resources, resources) = raw.resources.clone().unwrap_or_default();
        let conditions = raw.conditions.iter().map(|(operator, key, values)| {
            Condition::compile(operator, key, values, variables).ok_or_else(syntax)
        });
        Ok(Statement {
            sid: raw.sid.clone(),
            effect: if raw.effect.as_deref() == Some("Deny") { Effect::Deny } else { Effect::Allow },
            principal: principal.transpose()?,
            not_actions: *not_actions,
            actions: actions
                .iter()
                .map(|action| Pattern::compile(action, Reading { wildcards: true, variables: false }))
                .collect(),
            not_resources,
            resources: resources.iter().map(|resource| ArnPattern::compile(resource, reading)).collect(),
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    fn applies(&self, request: &Request) -> bool {
        self.has_action(&request.action) && self.has_resource(request) && self.has_conditions(request)
    }

    fn has_action(&self, action: &str) -> bool {
        let empty = crate::context::Context::default();
        let is_listed =
            self.actions.iter().any(|pattern| pattern.matches(action, &empty, Case::Ignored) == Some(true));
        is_listed != self.not_actions
    }

    fn has_resource(&self, request: &Request) -> bool {
        if self.resources.is_empty() {
            return !self.not_resources;
        }
        let mut undecided = false;
        let is_listed = self.resources.iter().any(|pattern| {
            let result = pattern.matches(&request.resource, &request.context);
            undecided |= result.is_none();
            result == Some(true)
        });
        match (self.not_resources, self.effect) {
            (false, _) => is_listed,
            // What a variable without a value would have left out is unknown: do not allow, do deny.
            (true, Effect::Allow) => !is_listed && !undecided,
            (true, Effect::Deny) => !is_listed,
        }
    }

    fn has_conditions(&self, request: &Request) -> bool {
        self.conditions.iter().all(|condition| condition.holds(&request.context) == Some(true))
    }
}
