//! Who asks: principals, their credentials and policies.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::error::Failure;

/// Who makes a request, after authentication.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// `arn:aws:iam::…:root`, `…:user/…`, `arn:aws:sts::…:assumed-role/…/…`, or the service's host name.
    pub arn: String,
    /// Twelve digits; empty for a service and for nobody.
    pub account: String,
    /// `AIDA…`, `AROA…:session`, the account for root.
    pub user_id: String,
    /// The access key that signed, empty if none did.
    pub access_key: String,
    /// What kind of principal.
    pub kind: PrincipalKind,
}

/// Kinds of principals.
#[derive(Clone, Debug, PartialEq)]
pub enum PrincipalKind {
    /// An account's root: everything is allowed that no policy of the resource's owner denies.
    Root,
    /// An IAM user, by path and name.
    User {
        /// Without its path.
        name: String,
    },
    /// A session of an IAM role.
    Role {
        /// ARN of the role itself.
        role_arn: String,
        /// Session name.
        session: String,
        /// Session policies, as JSON.
        session_policies: Vec<String>,
    },
    /// An AWS service, such as `apigateway.amazonaws.com`.
    Service,
    /// Nobody signed.
    Anonymous,
}

impl Principal {
    /// The root of an account.
    pub fn root(account: &str, access_key: &str) -> Principal {
        Principal {
            arn: format!("arn:aws:iam::{account}:root"),
            account: account.to_owned(),
            user_id: account.to_owned(),
            access_key: access_key.to_owned(),
            kind: PrincipalKind::Root,
        }
    }

    /// A service acting for itself, such as `apigateway.amazonaws.com`.
    pub fn service(host: &str) -> Principal {
        Principal {
            arn: host.to_owned(),
            account: String::new(),
            user_id: String::new(),
            access_key: String::new(),
            kind: PrincipalKind::Service,
        }
    }

    /// Whoever did not sign.
    pub fn anonymous() -> Principal {
        Principal {
            arn: "anonymous".to_owned(),
            account: String::new(),
            user_id: "anonymous".to_owned(),
            access_key: String::new(),
            kind: PrincipalKind::Anonymous,
        }
    }
}

/// An access key that Loggia issued.
#[derive(Clone)]
pub struct Credential {
    /// Signing secret. Never logged: this type has no `Debug`.
    pub secret: Arc<str>,
    /// The token a session's requests must carry.
    pub session_token: Option<Arc<str>>,
    /// When a session ends, in milliseconds since the epoch.
    pub expires_ms: Option<i64>,
    /// False for a key that was made inactive.
    pub is_active: bool,
    /// Whom it stands for.
    pub principal: Principal,
}

/// A session's credentials, as they are handed out.
#[derive(Clone)]
pub struct SessionCredentials {
    /// `ASIA…`.
    pub access_key: String,
    /// Signing secret.
    pub secret: String,
    /// Session token.
    pub token: String,
    /// End, in milliseconds since the epoch.
    pub expires_ms: i64,
    /// `AROA…:session`.
    pub user_id: String,
    /// `arn:aws:sts::…:assumed-role/…/…`.
    pub arn: String,
}

/// The policies that bound a principal, as JSON documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrincipalPolicies {
    /// Inline and attached policies, those of groups included.
    pub identity: Vec<Arc<str>>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<Arc<str>>,
    /// Session policies, if the session was made with any.
    pub session: Vec<Arc<str>>,
}

/// Asks for a role's session.
#[derive(Clone, Debug)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Session name.
    pub session: String,
    /// Who asks; the role's trust policy must let them. A service by its host name.
    pub by: Principal,
    /// How long, in seconds.
    pub duration_s: i64,
    /// Session policies, as JSON.
    pub session_policies: Vec<String>,
    /// External id, if one was given.
    pub external_id: Option<String>,
}

/// What IAM knows; implemented by `services/iam`, asked by the edge, by STS and by the fleet.
pub trait Identities: Send + Sync + 'static {
    /// The credential behind an access key, or `None` if Loggia never issued it.
    fn find<'a>(&'a self, access_key: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>>;
    /// The policies of a user or of a role's session.
    fn policies<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>>;
    /// A session of a role, if its trust policy lets `by` assume it: `AccessDenied` if not, and `None` if there is no such role.
    fn assume_role(&self, request: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>>;
    /// A session of a user (or root) itself, as `GetSessionToken` and `GetFederationToken` make them.
    fn user_session<'a>(
        &'a self,
        principal: &'a Principal,
        duration_s: i64,
        policies: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>>;
}
