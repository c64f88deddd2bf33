//! The Principal element: whom a resource-based or trust policy names, and how directly.
//!
//! Always holds: `NotPrincipal` names everyone whom `Principal` would not.
//!
//! AWS: AWS JSON policy elements: Principal. Known difference: `NotPrincipal` with a user or role spares it even where
//! its account is not listed too.

use serde_json::Value;

use crate::context::Principal;
use crate::document::{MalformedPolicy, string_list};

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrincipalMatch {
    pub(crate) not: bool,
    who: Vec<Who>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Anyone,
    Account(String),
    /// A user's, role's or session's ARN, or a unique id.
    Name(String),
    Service(String),
    Federated(String),
}

/// How directly somebody is named; a higher one goes further (AWS: Policy evaluation, resource-based policies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Its account: what the account's own policies allow, it may.
    Account,
    /// The role, but not the session.
    Role,
    /// The user, the session, the service itself.
    Itself,
}

impl PrincipalMatch {
    /// Reads a Principal or NotPrincipal element.
    pub(crate) fn parse(not: bool, value: &Value) -> Result<PrincipalMatch, MalformedPolicy> {
        let invalid = |text: String| MalformedPolicy(format!("Invalid principal in policy: {text}"));
        let object = match value {
            Value::String(star) if star == "*" => return Ok(PrincipalMatch { not, who: vec![Who::Anyone] }),
            Value::Object(object) => object,
            _ => return Err(MalformedPolicy("Principal must be a JSON object.".into())),
        };
        let mut who = Vec::new();
        for (kind, value) in object {
            let names = string_list(value).map_err(|_| invalid(format!("\"{kind}\"")))?;
            for name in names {
                let parsed = match kind.as_str() {
                    "AWS" => parse_aws(&name),
                    "Service" if name.contains('.') => Some(Who::Service(name.clone())),
                    "Federated" if !name.is_empty() => Some(Who::Federated(name.clone())),
                    "CanonicalUser" if !name.is_empty() => Some(Who::Name(name.clone())),
                    "Service" | "Federated" | "CanonicalUser" => None,
                    _ => return Err(invalid(format!("\"{kind}\""))),
                };
                let kind_text = kind.to_uppercase();
                who.push(parsed.ok_or_else(|| invalid(format!("\"{kind_text}\":\"{name}\"")))?);
            }
        }
        if who.is_empty() {
            return Err(MalformedPolicy("Missing required field Principal cannot be empty!".into()));
        }
        Ok(PrincipalMatch { not, who })
    }

    /// How directly `principal` is meant; `None` if it is not.
    pub(crate) fn level(&self, principal: &Principal) -> Option<Level> {
        let named = self.who.iter().filter_map(|who| who.level(principal)).max();
        match (self.not, named) {
            (false, level) => level,
            (true, Some(_)) => None,
            (true, None) => Some(Level::Account),
        }
    }
}

impl Who {
    fn level(&self, principal: &Principal) -> Option<Level> {
        match (self, principal) {
            (Who::Anyone, Principal::RoleSession { .. } | Principal::FederatedUser { .. }) => {
                Some(Level::Role)
            }
            (Who::Anyone, _) => Some(Level::Itself),
            (Who::Account(account), Principal::Root { account: own }) => {
                (account == own).then_some(Level::Itself)
            }
            (Who::Account(account), other) => (other.account() == Some(account)).then_some(Level::Account),
            (Who::Name(name), Principal::User { arn, user_id, .. }) => {
                (name == arn || name == user_id).then_some(Level::Itself)
            }
            (Who::Name(name), Principal::RoleSession { arn, role_arn, user_id, .. }) => {
                let role_id = user_id.split(':').next().unwrap_or_default();
                match name {
                    _ if name == arn || name == user_id => Some(Level::Itself),
                    _ if name == role_arn || name == role_id => Some(Level::Role),
                    _ => None,
                }
            }
            (Who::Name(name), Principal::FederatedUser { arn, .. }) => (name == arn).then_some(Level::Itself),
            (Who::Service(host), Principal::Service { host: own }) => {
                host.eq_ignore_ascii_case(own).then_some(Level::Itself)
            }
            (Who::Federated(provider), Principal::WebIdentity { provider: own }) => {
                (provider == own).then_some(Level::Itself)
            }
            _ => None,
        }
    }
}

fn parse_aws(name: &str) -> Option<Who> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if name == "*" {
        return Some(Who::Anyone);
    }
    if is_account(name) {
        return Some(Who::Account(name.to_owned()));
    }
    // The unique id that stands for a deleted user or role.
    let is_id = name.len() >= 16 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_id && (name.starts_with("AIDA") || name.starts_with("AROA")) {
        return Some(Who::Name(name.to_owned()));
    }
    let pieces: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = pieces.as_slice() else { return None };
    let known = match *service {
        "iam" => ["user/", "role/"]
            .iter()
            .any(|prefix| resource.len() > prefix.len() && resource.starts_with(prefix)),
        "sts" => ["assumed-role/", "federated-user/"].iter().any(|prefix| resource.starts_with(prefix)),
        _ => false,
    };
    let is_plain = !resource.contains(['*', '?']);
    match (*service, *resource) {
        _ if !partition.starts_with("aws") => None,
        ("iam", "root") if is_account(account) => Some(Who::Account((*account).to_owned())),
        // CloudFront's origin access identities live in an account of that name.
        _ if known && is_plain && (is_account(account) || *account == "cloudfront") => {
            Some(Who::Name(name.to_owned()))
        }
        _ => None,
    }
}
