//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainName.html>
//! Shows a domain name.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{DomainName, GetDomainNameRequest};

pub(crate) async fn get_domain_name(cx: &Cx, req: GetDomainNameRequest) -> Result<DomainName, Error> {
    Ok(domain::domain(&mut cx.begin(), &req.domain_name).await?.shown(cx))
}
