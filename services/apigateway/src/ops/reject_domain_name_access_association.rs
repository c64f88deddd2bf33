//! <https://docs.aws.amazon.com/apigateway/latest/api/API_RejectDomainNameAccessAssociation.html>
//! Removes an association with one's own domain name.

use kernel::Record;

use crate::Cx;
use crate::domain_access::{self, AssociationRecord};
use crate::error::Error;
use crate::generated::{RejectDomainNameAccessAssociationRequest, RejectDomainNameAccessAssociationResponse};

pub(crate) async fn reject_domain_name_access_association(
    cx: &Cx,
    req: RejectDomainNameAccessAssociationRequest,
) -> Result<RejectDomainNameAccessAssociationResponse, Error> {
    let mut tx = cx.begin();
    let association = domain_access::association(&mut tx, &req.domain_name_access_association_arn).await?;
    if association.domain_arn != req.domain_name_arn {
        return Err(Error::NoAssociation);
    }
    tx.delete::<AssociationRecord>(&association.key());
    tx.commit().await?;
    Ok(RejectDomainNameAccessAssociationResponse {})
}
