//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainNames.html>
//! Lists the domain names, oldest first; no other account shares any.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{DomainNames, GetDomainNamesRequest};
use crate::page::{by_creation, page};

pub(crate) async fn get_domain_names(cx: &Cx, req: GetDomainNamesRequest) -> Result<DomainNames, Error> {
    let is_own = req.resource_owner.as_deref() != Some("OTHER_ACCOUNTS");
    let all = domain::domains(&cx.begin()).await?;
    let shown = all.iter().filter(|_| is_own);
    let keyed = shown.map(|domain| (by_creation(domain.created_ms, &domain.name), domain.shown(cx)));
    let (items, position) = page(keyed.collect(), req.position.as_deref(), req.limit)?;
    Ok(DomainNames { items: Some(items), position })
}
