//! Access keys and sessions: found by access key id alone, so they are kept outside any account.
//!
//! Signing needs the secret itself, so it is stored as it is, readable by whoever may read the data folder. It is never logged, and answered only once.

use std::sync::Arc;

use kernel::clock::BASE32;
use kernel::identity::{Credential, Principal, PrincipalKind};
use kernel::{Host, Key, Record, Scope, Tx};
use serde::{Deserialize, Serialize};

/// Name under which credentials are kept.
pub const SERVICE: &str = "iam-credentials";

/// The space of all credentials.
pub fn space() -> Key {
    Scope::new("-", "-").space(SERVICE)
}

/// A transaction over credentials alone.
pub fn begin(host: &Host) -> Tx {
    Tx::new(Arc::clone(&host.store), space())
}

/// A long-lived access key. No `Debug`, so that no secret reaches a log.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    pub secret: String,
    pub account: String,
    /// The user's name; `None` for the account's root.
    pub user: Option<String>,
    pub is_active: bool,
    pub created_ms: i64,
}

/// A session's credentials. No `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// `ASIA…`.
    pub id: String,
    pub secret: String,
    pub token: String,
    pub expires_ms: i64,
    pub account: String,
    pub arn: String,
    pub user_id: String,
    pub kind: SessionKind,
    /// Session policies, as JSON.
    pub policies: Vec<String>,
}

/// Whose session it is.
#[derive(Clone, Default, Serialize, Deserialize)]
pub enum SessionKind {
    /// The account's root.
    #[default]
    Root,
    /// A user (or what a user federated), by the user's name; empty for what root federated.
    User(String),
    /// A role: its ARN and the session's name.
    Role(String, String),
}

/// For the sweep: sessions in order of their end.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Expiry {
    pub expires_ms: i64,
    pub id: String,
}

/// That root credentials were made.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RootMade {
    pub account: String,
    pub access_key: String,
}

impl Record for AccessKey {
    const TABLE: &'static str = "access-keys";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

impl Record for Session {
    const TABLE: &'static str = "sessions";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

impl Record for Expiry {
    const TABLE: &'static str = "expiries";
    fn key(&self) -> Key {
        Key::new().number(self.expires_ms.max(0).unsigned_abs()).text(&self.id)
    }
}

impl Record for RootMade {
    const TABLE: &'static str = "roots";
    fn key(&self) -> Key {
        Key::new().text(&self.account)
    }
}

impl Session {
    /// The credential as the edge sees it.
    pub fn credential(&self) -> Credential {
        let kind = match &self.kind {
            SessionKind::Root => PrincipalKind::Root,
            SessionKind::User(name) => PrincipalKind::User { name: name.clone() },
            SessionKind::Role(role_arn, session) => PrincipalKind::Role {
                role_arn: role_arn.clone(),
                session: session.clone(),
                session_policies: self.policies.clone(),
            },
        };
        let (arn, account, user_id) = (self.arn.clone(), self.account.clone(), self.user_id.clone());
        Credential {
            secret: self.secret.as_str().into(),
            session_token: Some(self.token.as_str().into()),
            expires_ms: Some(self.expires_ms),
            is_active: true,
            principal: Principal { arn, account, user_id, access_key: self.id.clone(), kind },
        }
    }
}

/// An identifier such as `AIDA` and 17 characters of base 32.
pub fn entity_id(host: &Host, prefix: &str) -> String {
    format!("{prefix}{}", host.entropy.text(17, BASE32))
}

/// An access key id such as `AKIA` and 16 characters of base 32.
pub fn key_id(host: &Host, prefix: &str) -> String {
    format!("{prefix}{}", host.entropy.text(16, BASE32))
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A secret of 40 characters.
pub fn secret(host: &Host) -> String {
    host.entropy.text(40, BASE64)
}

/// A session token: opaque to everybody, looked up by its access key.
pub fn token(host: &Host) -> String {
    format!("IQoJb3JpZ2luX2Vj{}", host.entropy.text(304, BASE64))
}
