//! VPC links: made from a request, patched, shown.
//!
//! A link is available at once. Where the data plane goes for it is the operator's configuration.

use kernel::{Key, Record, Tx};
use plan::definition::Strings;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::generated::VpcLink;
use crate::patch::{Patch, REPLACE, Rule, check};

/// Most VPC links of an account in a region (AWS: 20 unless raised).
pub(crate) const LINKS_MAX: usize = 1_000;

/// AWS: Patch Operations, UpdateVpcLink.
const RULES: &[Rule] = &[("/description", REPLACE), ("/name", REPLACE)];

/// A VPC link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LinkRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) target_arns: Vec<String>,
    pub(crate) tags: Strings,
    pub(crate) created_ms: i64,
}

impl Record for LinkRecord {
    const TABLE: &'static str = "vpc-links";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

impl LinkRecord {
    /// The link as a client sees it.
    pub(crate) fn shown(&self) -> VpcLink {
        VpcLink {
            id: Some(self.id.clone()),
            name: Some(self.name.clone()),
            description: self.description.clone(),
            target_arns: Some(self.target_arns.clone()),
            status: Some("AVAILABLE".to_owned()),
            status_message: Some("Your vpc link is ready for use".to_owned()),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            match check(RULES, patch)? {
                "/name" => self.name = patch.filled().ok_or(Error::EmptyName)?,
                _ => self.description = patch.filled(),
            }
        }
        Ok(())
    }
}

/// Checks the targets: one network load balancer.
pub(crate) fn checked_targets(arns: Vec<String>) -> Result<Vec<String>, Error> {
    let [arn] = arns.as_slice() else { return Err(Error::LinkTargets) };
    let arn = kernel::Arn::parse(arn).ok_or(Error::Arn)?;
    let is_balancer = arn.service == "elasticloadbalancing" && arn.resource.starts_with("loadbalancer/net/");
    if is_balancer { Ok(arns) } else { Err(Error::LinkTarget) }
}

/// All links.
pub(crate) async fn links(tx: &Tx) -> Result<Vec<LinkRecord>, Error> {
    Ok(tx.list(&Key::new(), None, LINKS_MAX + 1).await?)
}

/// One link.
pub(crate) async fn link(tx: &mut Tx, id: &str) -> Result<LinkRecord, Error> {
    tx.get(&Key::new().text(id)).await?.ok_or(Error::NoLink)
}
