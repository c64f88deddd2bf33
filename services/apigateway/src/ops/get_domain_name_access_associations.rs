//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainNameAccessAssociations.html>
//! Lists the associations, oldest first; no other account shares any.

use crate::Cx;
use crate::domain_access;
use crate::error::Error;
use crate::generated::{DomainNameAccessAssociations, GetDomainNameAccessAssociationsRequest};
use crate::page::{by_creation, page};

pub(crate) async fn get_domain_name_access_associations(
    cx: &Cx,
    req: GetDomainNameAccessAssociationsRequest,
) -> Result<DomainNameAccessAssociations, Error> {
    let is_own = req.resource_owner.as_deref() != Some("OTHER_ACCOUNTS");
    let all = domain_access::associations(&cx.begin()).await?;
    let shown = all.iter().filter(|_| is_own);
    let keyed = shown.map(|one| (by_creation(one.created_ms, &one.arn), one.shown()));
    let (items, position) = page(keyed.collect(), req.position.as_deref(), req.limit)?;
    Ok(DomainNameAccessAssociations { items: Some(items), position })
}
