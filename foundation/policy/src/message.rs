//! The text of "access denied", as AWS words it.
//!
//! Always holds: the text names one type of policy, and for an explicit deny its ARN where it has one.
//!
//! AWS: Troubleshoot access denied error messages. Known difference: no authorization id and no console link.

use crate::context::Request;
use crate::evaluate::{Decision, Outcome, PolicyType};

/// Services word the same thing a little differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageForm {
    /// `… on resource: arn:… because no identity-based policy allows the … action` (most services).
    Plain,
    /// The resource in quotes (Amazon S3).
    QuotedResource,
    /// Without the reason (`sts:AssumeRole`, and requests from another account).
    NoReason,
}

impl Decision {
    /// The message that tells the caller of a denied request why; for an allowed one the beginning of it.
    pub fn message(&self, request: &Request, form: MessageForm) -> String {
        let user = request.principal.arn();
        let Request { action, resource, .. } = request;
        let quote = if form == MessageForm::QuotedResource { "\"" } else { "" };
        let denied = format!(
            "User: {user} is not authorized to perform: {action} on resource: {quote}{resource}{quote}"
        );
        match (self.outcome, self.by) {
            _ if form == MessageForm::NoReason => denied,
            (Outcome::Allow, _) | (_, None) => denied,
            (Outcome::ImplicitDeny, Some(by)) => {
                format!("{denied} because no {} allows the {action} action", name(by))
            }
            (Outcome::ExplicitDeny, Some(by)) => {
                let arn = self.policy_arn.as_ref().map(|arn| format!(": {arn}")).unwrap_or_default();
                format!("{denied} with an explicit deny in {} {}{arn}", article(by), name(by))
            }
        }
    }
}

fn name(by: PolicyType) -> &'static str {
    match by {
        PolicyType::Identity => "identity-based policy",
        PolicyType::Resource => "resource-based policy",
        PolicyType::RoleTrust => "role trust policy",
        PolicyType::PermissionsBoundary => "permissions boundary",
        PolicyType::Session => "session policy",
    }
}

fn article(by: PolicyType) -> &'static str {
    match by {
        PolicyType::Identity => "an",
        PolicyType::RoleTrust => "the",
        PolicyType::Resource | PolicyType::PermissionsBoundary | PolicyType::Session => "a",
    }
}

#[cfg(test)]
mod tests;
