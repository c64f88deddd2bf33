//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateVpcLink.html>
//! Makes a VPC link, available at once.

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateVpcLinkRequest, VpcLink};
use crate::tags;
use crate::vpc_link::{self, LinkRecord};

pub(crate) async fn create_vpc_link(cx: &Cx, req: CreateVpcLinkRequest) -> Result<VpcLink, Error> {
    if req.name.is_empty() {
        return Err(Error::EmptyName);
    }
    let link = LinkRecord {
        id: cx.new_id(6),
        name: req.name,
        description: req.description.filter(|text| !text.is_empty()),
        target_arns: vpc_link::checked_targets(req.target_arns)?,
        tags: tags::checked(req.tags.unwrap_or_default())?,
        created_ms: cx.now_ms(),
    };
    let mut tx = cx.begin();
    if vpc_link::links(&tx).await?.len() >= vpc_link::LINKS_MAX {
        return Err(Error::TooMany("VPC links"));
    }
    tx.put(&link)?;
    tx.commit().await?;
    Ok(link.shown())
}
