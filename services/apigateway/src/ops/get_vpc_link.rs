//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetVpcLink.html>
//! Shows a VPC link.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetVpcLinkRequest, VpcLink};
use crate::vpc_link;

pub(crate) async fn get_vpc_link(cx: &Cx, req: GetVpcLinkRequest) -> Result<VpcLink, Error> {
    Ok(vpc_link::link(&mut cx.begin(), &req.vpc_link_id).await?.shown())
}
