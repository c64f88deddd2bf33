//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDomainNameAccessAssociation.html>
//! Lets a VPC endpoint reach a private domain name.

use crate::Cx;
use crate::domain;
use crate::domain_access::{self, AssociationRecord};
use crate::error::Error;
use crate::generated::{CreateDomainNameAccessAssociationRequest, DomainNameAccessAssociation};
use crate::tags;

pub(crate) async fn create_domain_name_access_association(
    cx: &Cx,
    req: CreateDomainNameAccessAssociationRequest,
) -> Result<DomainNameAccessAssociation, Error> {
    let (name, id) = domain_access::private_domain(&req.domain_name_arn).ok_or(Error::Arn)?;
    let mut tx = cx.begin();
    let domain = domain::domain(&mut tx, &name).await?;
    if domain.id != id || domain.endpoint_type != "PRIVATE" {
        return Err(Error::NoDomain);
    }
    if !req.access_association_source.starts_with("vpce-") {
        return Err(Error::AssociationSource);
    }
    let known = domain_access::associations(&tx).await?;
    if known.len() >= domain_access::ASSOCIATIONS_MAX {
        return Err(Error::TooMany("domain name access associations"));
    }
    if known
        .iter()
        .any(|other| other.domain_arn == req.domain_name_arn && other.source == req.access_association_source)
    {
        return Err(Error::AssociationExists);
    }
    let association = AssociationRecord {
        arn: format!(
            "arn:aws:apigateway:{}:{}:/domainnameaccessassociations/domainname/{name}/vpcesource/{}",
            cx.region(),
            cx.account(),
            req.access_association_source
        ),
        domain_arn: req.domain_name_arn,
        source: req.access_association_source,
        tags: tags::checked(req.tags.unwrap_or_default())?,
        created_ms: cx.now_ms(),
    };
    // The domain is written as it is, so that its removal meets this change.
    tx.put(&domain)?;
    tx.put(&association)?;
    tx.commit().await?;
    Ok(association.shown())
}
