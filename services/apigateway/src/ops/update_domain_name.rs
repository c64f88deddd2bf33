//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDomainName.html>
//! Changes a domain name.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{DomainName, UpdateDomainNameRequest};
use crate::patch::Patch;
use crate::violations::Violations;

pub(crate) async fn update_domain_name(cx: &Cx, req: UpdateDomainNameRequest) -> Result<DomainName, Error> {
    Violations::default().operations("updateDomainNameInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut domain = domain::domain(&mut tx, &req.domain_name).await?;
    domain.apply(&Patch::parse(req.patch_operations))?;
    domain.settle_target(cx);
    tx.put(&domain)?;
    domain::publish(cx, &mut tx, &domain).await?;
    tx.commit().await?;
    Ok(domain.shown(cx))
}
