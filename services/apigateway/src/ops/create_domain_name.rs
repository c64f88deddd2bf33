//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDomainName.html>
//! Makes a custom domain name, available at once.

use crate::Cx;
use crate::domain::{self, DomainRecord};
use crate::error::Error;
use crate::generated::{CreateDomainNameRequest, DomainName};
use crate::violations::Violations;

pub(crate) async fn create_domain_name(cx: &Cx, req: CreateDomainNameRequest) -> Result<DomainName, Error> {
    let endpoint = req.endpoint_configuration.as_ref();
    Violations::default()
        .all_of(
            "createDomainNameInput.endpointConfiguration.types",
            endpoint.and_then(|endpoint| endpoint.types.as_ref()),
            &["PRIVATE", "EDGE", "REGIONAL"],
        )
        .one_of(
            "createDomainNameInput.endpointConfiguration.ipAddressType",
            endpoint.and_then(|endpoint| endpoint.ip_address_type.as_deref()),
            &["ipv4", "dualstack"],
        )
        .done()?;
    let domain = DomainRecord::from_request(cx, req)?;
    let mut tx = cx.begin();
    if domain::is_taken(cx, &mut tx, &domain.name).await? {
        return Err(Error::DomainExists);
    }
    if domain::domains(&tx).await?.len() >= domain::DOMAINS_MAX {
        return Err(Error::TooMany("domain names"));
    }
    tx.put(&domain)?;
    domain::publish(cx, &mut tx, &domain).await?;
    tx.commit().await?;
    Ok(domain.shown(cx))
}
