//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteVpcLink.html>
//! Removes a VPC link.

use kernel::Record;

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteVpcLinkRequest, DeleteVpcLinkResponse};
use crate::vpc_link::{self, LinkRecord};

pub(crate) async fn delete_vpc_link(
    cx: &Cx,
    req: DeleteVpcLinkRequest,
) -> Result<DeleteVpcLinkResponse, Error> {
    let mut tx = cx.begin();
    let link = vpc_link::link(&mut tx, &req.vpc_link_id).await?;
    tx.delete::<LinkRecord>(&link.key());
    tx.commit().await?;
    Ok(DeleteVpcLinkResponse {})
}
