//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDomainName.html>
//! Removes a domain name with its mappings.

use kernel::Record;

use crate::Cx;
use crate::domain::{self, DomainRecord};
use crate::error::Error;
use crate::generated::{DeleteDomainNameRequest, DeleteDomainNameResponse};

pub(crate) async fn delete_domain_name(
    cx: &Cx,
    req: DeleteDomainNameRequest,
) -> Result<DeleteDomainNameResponse, Error> {
    let mut tx = cx.begin();
    let domain = domain::domain(&mut tx, &req.domain_name).await?;
    domain::retract(cx, &mut tx, &domain.name).await?;
    tx.delete::<DomainRecord>(&domain.key());
    tx.commit().await?;
    Ok(DeleteDomainNameResponse {})
}
