//! Access associations of private custom domain names: which VPC endpoint may reach one.
//!
//! Known difference from AWS: there are no VPC endpoints here, so an association is kept and shown, and admits nobody.

use kernel::{Key, Record, Tx};
use plan::definition::Strings;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::generated::DomainNameAccessAssociation;

/// Most associations of an account in a region.
pub(crate) const ASSOCIATIONS_MAX: usize = 2_000;

/// An association.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AssociationRecord {
    pub(crate) arn: String,
    pub(crate) domain_arn: String,
    /// The VPC endpoint's id.
    pub(crate) source: String,
    pub(crate) tags: Strings,
    pub(crate) created_ms: i64,
}

impl Record for AssociationRecord {
    const TABLE: &'static str = "domain-access-associations";
    fn key(&self) -> Key {
        Key::new().text(&self.arn)
    }
}

impl AssociationRecord {
    /// The association as a client sees it.
    pub(crate) fn shown(&self) -> DomainNameAccessAssociation {
        DomainNameAccessAssociation {
            domain_name_access_association_arn: Some(self.arn.clone()),
            domain_name_arn: Some(self.domain_arn.clone()),
            access_association_source_type: Some("VPCE".to_owned()),
            access_association_source: Some(self.source.clone()),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
        }
    }
}

/// All associations.
pub(crate) async fn associations(tx: &Tx) -> Result<Vec<AssociationRecord>, Error> {
    Ok(tx.list(&Key::new(), None, ASSOCIATIONS_MAX + 1).await?)
}

/// One association.
pub(crate) async fn association(tx: &mut Tx, arn: &str) -> Result<AssociationRecord, Error> {
    tx.get(&Key::new().text(arn)).await?.ok_or(Error::NoAssociation)
}

/// Name and id in the ARN of a private domain name: `…:/domainnames/{name}+{id}`.
pub(crate) fn private_domain(arn: &str) -> Option<(String, String)> {
    let arn = kernel::Arn::parse(arn).filter(|arn| arn.service == "apigateway")?;
    let (name, id) = arn.resource.strip_prefix("/domainnames/")?.split_once('+')?;
    Some((name.to_owned(), id.to_owned()))
}
