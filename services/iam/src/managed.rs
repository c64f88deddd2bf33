//! Managed policies: the account's own, and those of AWS that Loggia knows.
//!
//! Which of AWS's are known: `managed.json`, one a line, with their documents as AWS's Managed Policy Reference publishes them; of each only the default
//! version is known. Their ids are made up, always the same ones, because the reference does not list them.

use std::sync::LazyLock;

use kernel::clock::BASE32;
use kernel::{Arn, Tx};
use serde::Deserialize;

use crate::entities::{Attachment, ManagedPolicy, arn, name_key};
use crate::error::Error;

/// A policy that AWS manages.
#[derive(Debug, Deserialize)]
pub struct AwsPolicy {
    pub name: String,
    pub path: String,
    /// `v1` and so on.
    pub version: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub document: String,
}

impl AwsPolicy {
    /// `arn:aws:iam::aws:policy/…`.
    pub fn arn(&self) -> String {
        arn("aws", "policy", &self.path, &self.name)
    }

    /// An id in the form of AWS's.
    pub fn id(&self) -> String {
        // FNV-1a, twice, for 17 characters of base 32 that follow from the name.
        let hash = |seed: u64| {
            self.name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        };
        let bits = u128::from(hash(0xcbf2_9ce4_8422_2325)) << 64 | u128::from(hash(0x6c62_272e_07bb_0142));
        let letters = (0..17).map(|at| char::from(BASE32[(bits >> (at * 5)) as usize & 31]));
        format!("ANPA{}", letters.collect::<String>())
    }
}

/// AWS's policies, sorted by name.
pub static AWS: LazyLock<Vec<AwsPolicy>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../managed.json"))
        .expect("managed.json is part of the program, and tested")
});

/// A policy that was looked up.
pub enum Found {
    /// Of the account.
    Own(Box<ManagedPolicy>),
    /// Of AWS.
    Aws(&'static AwsPolicy),
}

impl Found {
    /// The default version's document.
    pub fn document(&self) -> &str {
        match self {
            Found::Own(own) => own.document(own.default_version).unwrap_or_default(),
            Found::Aws(aws) => &aws.document,
        }
    }
}

impl ManagedPolicy {
    /// Its ARN.
    pub fn arn(&self, account: &str) -> String {
        arn(account, "policy", &self.path, &self.name)
    }

    /// A version's document.
    pub fn document(&self, number: u32) -> Option<&str> {
        self.versions.iter().find(|version| version.number == number).map(|version| version.document.as_str())
    }
}

/// The account and the name of a policy's ARN, and the path before the name.
fn parse(policy: &str) -> Result<(String, String, String), Error> {
    let invalid = || Error::Validation(format!("ARN {policy} is not valid."));
    let parsed =
        Arn::parse(policy).filter(|arn| arn.service == "iam" && arn.region.is_empty()).ok_or_else(invalid)?;
    let path =
        parsed.resource.strip_prefix("policy").filter(|path| path.starts_with('/')).ok_or_else(invalid)?;
    let (path, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    if name.is_empty() {
        return Err(invalid());
    }
    Ok((parsed.account.clone(), path.to_owned(), name.to_owned()))
}

/// Looks a policy up by its ARN, in `account` or among AWS's.
pub async fn find_policy(tx: &mut Tx, account: &str, policy: &str) -> Result<Option<Found>, Error> {
    let (owner, path, name) = parse(policy)?;
    if owner == "aws" {
        return Ok(AWS.iter().find(|aws| aws.name == name && aws.path == path).map(Found::Aws));
    }
    if owner != account {
        return Ok(None);
    }
    let found = tx.get::<ManagedPolicy>(&name_key(&name)).await?.filter(|own| own.path == path);
    Ok(found.map(|own| Found::Own(Box::new(own))))
}

/// A policy of the account, for changing it; `text` makes the message when it is not there.
pub async fn own_policy(
    tx: &mut Tx,
    account: &str,
    policy: &str,
    text: impl FnOnce() -> String,
) -> Result<ManagedPolicy, Error> {
    match find_policy(tx, account, policy).await? {
        Some(Found::Own(own)) => Ok(*own),
        Some(Found::Aws(_)) => {
            // Inferred: AWS refuses, the text is not documented.
            Err(Error::AccessDenied(format!("Policy {policy} is managed by AWS and cannot be changed.")))
        }
        None => Err(Error::NoSuchEntity(text())),
    }
}

/// How many entities a policy is attached to, and how many it bounds.
pub async fn uses(tx: &Tx, found: &Found) -> Result<(i64, i64), Error> {
    match found {
        Found::Own(own) => Ok((i64::from(own.attachments), i64::from(own.boundaries))),
        Found::Aws(aws) => {
            let arn = aws.arn();
            let attached =
                tx.list::<Attachment>(&Attachment::prefix(&arn, false), None, usize::MAX).await?.len();
            let bounded =
                tx.list::<Attachment>(&Attachment::prefix(&arn, true), None, usize::MAX).await?.len();
            Ok((attached as i64, bounded as i64))
        }
    }
}

#[cfg(test)]
mod tests;
