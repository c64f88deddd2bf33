//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateVpcLink.html>
//! Changes the name or the description of a VPC link.

use crate::Cx;
use crate::error::Error;
use crate::generated::{UpdateVpcLinkRequest, VpcLink};
use crate::patch::Patch;
use crate::violations::Violations;
use crate::vpc_link;

pub(crate) async fn update_vpc_link(cx: &Cx, req: UpdateVpcLinkRequest) -> Result<VpcLink, Error> {
    Violations::default().operations("updateVpcLinkInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut link = vpc_link::link(&mut tx, &req.vpc_link_id).await?;
    link.apply(&Patch::parse(req.patch_operations))?;
    tx.put(&link)?;
    tx.commit().await?;
    Ok(link.shown())
}
