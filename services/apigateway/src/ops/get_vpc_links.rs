//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLinks.html>
//! Lists the VPC links, oldest first.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetVpcLinksRequest, VpcLinks};
use crate::page::{by_creation, page};
use crate::vpc_link;

pub(crate) async fn get_vpc_links(cx: &Cx, req: GetVpcLinksRequest) -> Result<VpcLinks, Error> {
    let all = vpc_link::links(&cx.begin()).await?;
    let keyed = all.iter().map(|link| (by_creation(link.created_ms, &link.id), link.shown())).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(VpcLinks { items: Some(items), position })
}
