//! What the operations that give out credentials have in common.

use kernel::identity::{Principal, PrincipalKind, SessionCredentials};
use wire::Timestamp;

use crate::error::Error;
use crate::generated::{Credentials, PolicyDescriptorType, Tag};

/// Characters of all session policies together (AWS: AssumeRole, Policy).
const POLICY_CHARS_MAX: usize = 2_048;

/// Session policies as they were sent: a document, and ARNs of managed policies.
#[derive(Debug)]
pub struct SessionPolicies {
    /// JSON, or ARNs.
    pub policies: Vec<String>,
    /// How much of the space they take, in percent; `None` without any.
    pub packed_percent: Option<i64>,
}

/// Gathers session policies. AWS packs them in a form of its own; here their characters are counted.
pub fn session_policies(
    policy: Option<String>,
    arns: Option<Vec<PolicyDescriptorType>>,
) -> Result<SessionPolicies, Error> {
    let mut policies: Vec<String> = arns.into_iter().flatten().filter_map(|policy| policy.arn).collect();
    policies.extend(policy.filter(|policy| !policy.is_empty()));
    let chars: usize = policies.iter().map(|policy| policy.chars().count()).sum();
    let percent = (chars * 100).div_ceil(POLICY_CHARS_MAX) as i64;
    if percent > 100 {
        return Err(Error::PackedPolicyTooLarge(percent));
    }
    let packed_percent = (!policies.is_empty()).then_some(percent);
    Ok(SessionPolicies { policies, packed_percent })
}

/// Checks session tags.
pub fn check_tags(tags: &[Tag], transitive: &[String]) -> Result<(), Error> {
    let mut keys: Vec<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
    keys.sort();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(Error::InvalidParameter(text));
    }
    if !transitive.iter().all(|key| keys.contains(&key.to_lowercase())) {
        let text = "The specified transitive tag key must be included in the requested tags.";
        return Err(Error::InvalidParameter(text));
    }
    Ok(())
}

/// Refuses an MFA code: there is no device that could have made it.
pub fn check_no_mfa(code: Option<&String>) -> Result<(), Error> {
    match code {
        Some(_) => {
            let text = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
            Err(Error::AccessDenied(text.to_owned()))
        }
        None => Ok(()),
    }
}

/// Only long-term credentials may ask for a session of themselves.
pub fn check_long_term(principal: &Principal, operation: &str) -> Result<(), Error> {
    let is_session = principal.access_key.starts_with("ASIA");
    let is_own = matches!(principal.kind, PrincipalKind::Root | PrincipalKind::User { .. });
    match is_own && !is_session {
        true => Ok(()),
        false => Err(Error::AccessDenied(format!("Cannot call {operation} with session credentials"))),
    }
}

/// Credentials as they are answered.
pub fn credentials(session: &SessionCredentials) -> Credentials {
    Credentials {
        access_key_id: session.access_key.clone(),
        secret_access_key: session.secret.clone(),
        session_token: session.token.clone(),
        expiration: Timestamp(session.expires_ms),
    }
}
