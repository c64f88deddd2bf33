//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDomainNameAccessAssociation.html>
//! Removes an association.

use kernel::Record;

use crate::Cx;
use crate::domain_access::{self, AssociationRecord};
use crate::error::Error;
use crate::generated::{DeleteDomainNameAccessAssociationRequest, DeleteDomainNameAccessAssociationResponse};

pub(crate) async fn delete_domain_name_access_association(
    cx: &Cx,
    req: DeleteDomainNameAccessAssociationRequest,
) -> Result<DeleteDomainNameAccessAssociationResponse, Error> {
    let mut tx = cx.begin();
    let association = domain_access::association(&mut tx, &req.domain_name_access_association_arn).await?;
    tx.delete::<AssociationRecord>(&association.key());
    tx.commit().await?;
    Ok(DeleteDomainNameAccessAssociationResponse {})
}
