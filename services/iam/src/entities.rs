//! Users, groups, roles, policies and instance profiles as they are stored, and how one is found.
//!
//! Names differ by more than case: the key is the name in lower case (AWS: IAM identifiers, "names are not distinguished by case"). What belongs to one
//! entity (inline policies, attachments, key ids, tags) is in its record, so that one read gives it and one commit changes it.

use std::collections::BTreeMap;

use kernel::{Key, Record, Tx};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Name to value.
pub type Strings = BTreeMap<String, String>;

/// An IAM user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    pub name: String,
    pub path: String,
    /// `AIDA…`.
    pub id: String,
    pub created_ms: i64,
    pub tags: Strings,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Inline policies, by name.
    pub inline: Strings,
    /// ARNs of attached policies, in the order of attachment.
    pub attached: Vec<String>,
    /// Names of groups, in lower case.
    pub groups: Vec<String>,
    pub access_keys: Vec<KeyMeta>,
}

/// What a user's record knows of an access key. The secret is not here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyMeta {
    pub id: String,
    pub is_active: bool,
    pub created_ms: i64,
}

/// An IAM group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    pub name: String,
    pub path: String,
    /// `AGPA…`.
    pub id: String,
    pub created_ms: i64,
    pub inline: Strings,
    pub attached: Vec<String>,
    /// How many users are in it.
    pub members: u32,
}

/// A user in a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    pub group: String,
    pub user: String,
}

/// An IAM role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    pub name: String,
    pub path: String,
    /// `AROA…`.
    pub id: String,
    pub created_ms: i64,
    /// The trust policy, as it was sent.
    pub trust: String,
    pub description: Option<String>,
    pub max_session_s: i64,
    pub tags: Strings,
    pub boundary: Option<String>,
    pub inline: Strings,
    pub attached: Vec<String>,
    /// Names of the instance profiles that hold it, in lower case.
    pub profiles: Vec<String>,
}

/// A managed policy of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedPolicy {
    pub name: String,
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub description: Option<String>,
    pub tags: Strings,
    /// Number of the default version.
    pub default_version: u32,
    /// Number of the latest version ever made.
    pub last_version: u32,
    /// Oldest first.
    pub versions: Vec<Version>,
    /// Users, groups and roles it is attached to.
    pub attachments: u32,
    /// Users and roles whose boundary it is.
    pub boundaries: u32,
}

/// A version of a managed policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    pub number: u32,
    pub document: String,
    pub created_ms: i64,
}

/// An instance profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceProfile {
    pub name: String,
    pub path: String,
    /// `AIPA…`.
    pub id: String,
    pub created_ms: i64,
    /// Name of the role in it.
    pub role: Option<String>,
    pub tags: Strings,
}

/// Kinds of entities that policies are attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    User,
    Group,
    Role,
}

impl Kind {
    /// As in `The role with name …`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
            Kind::Role => "role",
        }
    }

    /// As in `PoliciesPerRole`.
    pub fn title(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
            Kind::Role => "Role",
        }
    }
}

/// That a policy is attached to an entity, or is its boundary; for finding the entities of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    pub policy: String,
    pub is_boundary: bool,
    pub kind: Kind,
    pub name: String,
    pub id: String,
}

impl Attachment {
    /// Where attachments of a policy are (or, with the id, one of them).
    pub fn prefix(policy: &str, is_boundary: bool) -> Key {
        Key::new().text(policy).number(u64::from(is_boundary))
    }
}

/// The account's alias.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alias {
    pub alias: String,
}

/// A name as keys hold it.
pub fn name_key(name: &str) -> Key {
    Key::new().text(&name.to_lowercase())
}

impl Record for User {
    const TABLE: &'static str = "users";
    fn key(&self) -> Key {
        name_key(&self.name)
    }
}

impl Record for Group {
    const TABLE: &'static str = "groups";
    fn key(&self) -> Key {
        name_key(&self.name)
    }
}

impl Record for Member {
    const TABLE: &'static str = "members";
    fn key(&self) -> Key {
        name_key(&self.group).then(&name_key(&self.user))
    }
}

impl Record for Role {
    const TABLE: &'static str = "roles";
    fn key(&self) -> Key {
        name_key(&self.name)
    }
}

impl Record for ManagedPolicy {
    const TABLE: &'static str = "policies";
    fn key(&self) -> Key {
        name_key(&self.name)
    }
}

impl Record for InstanceProfile {
    const TABLE: &'static str = "instance-profiles";
    fn key(&self) -> Key {
        name_key(&self.name)
    }
}

impl Record for Attachment {
    const TABLE: &'static str = "attachments";
    fn key(&self) -> Key {
        Attachment::prefix(&self.policy, self.is_boundary).text(&self.id)
    }
}

impl Record for Alias {
    const TABLE: &'static str = "alias";
    fn key(&self) -> Key {
        Key::new()
    }
}

/// The user, which must be there.
pub async fn user(tx: &mut Tx, name: &str) -> Result<User, Error> {
    tx.get(&name_key(name)).await?.ok_or_else(|| no_such(Kind::User, name))
}

/// The group, which must be there.
pub async fn group(tx: &mut Tx, name: &str) -> Result<Group, Error> {
    tx.get(&name_key(name)).await?.ok_or_else(|| no_such(Kind::Group, name))
}

/// The role, which must be there.
pub async fn role(tx: &mut Tx, name: &str) -> Result<Role, Error> {
    tx.get(&name_key(name)).await?.ok_or_else(|| no_such(Kind::Role, name))
}

/// The instance profile, which must be there.
pub async fn profile(tx: &mut Tx, name: &str) -> Result<InstanceProfile, Error> {
    let found = tx.get(&name_key(name)).await?;
    found.ok_or_else(|| Error::NoSuchEntity(format!("Instance Profile {name} cannot be found.")))
}

fn no_such(kind: Kind, name: &str) -> Error {
    Error::NoSuchEntity(format!("The {} with name {name} cannot be found.", kind.word()))
}

/// An ARN of IAM: `arn:aws:iam::account:kind/path/name`.
pub fn arn(account: &str, kind: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:{kind}{path}{name}")
}

/// The path, `/` if none was given.
pub fn path_or_root(path: Option<String>) -> String {
    path.unwrap_or_else(|| "/".to_owned())
}
