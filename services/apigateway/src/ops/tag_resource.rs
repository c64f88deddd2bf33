//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html>
//! Adds tags to whatever has tags.

use crate::Cx;
use crate::client_certificate;
use crate::domain;
use crate::error::Error;
use crate::generated::{TagResourceRequest, TagResourceResponse};
use crate::tables;
use crate::tags::{self, Target};
use crate::vpc_link;

pub(crate) async fn tag_resource(cx: &Cx, req: TagResourceRequest) -> Result<TagResourceResponse, Error> {
    let mut tx = cx.begin();
    match Target::parse(&req.resource_arn)? {
        Target::Api(id) => {
            let mut api = tables::api(cx, &mut tx, &id).await?;
            tags::add(&mut api.tags, req.tags)?;
            tx.put(&api)?;
        }
        Target::Stage(id, name) => {
            let mut stage = tables::stage(&mut tx, &id, &name).await?.ok_or(Error::NoStage)?;
            tags::add(&mut stage.tags, req.tags)?;
            tx.put(&stage)?;
        }
        Target::Domain(name) => {
            let mut domain = domain::domain(&mut tx, &name).await?;
            tags::add(&mut domain.tags, req.tags)?;
            tx.put(&domain)?;
        }
        Target::VpcLink(id) => {
            let mut link = vpc_link::link(&mut tx, &id).await?;
            tags::add(&mut link.tags, req.tags)?;
            tx.put(&link)?;
        }
        Target::ClientCertificate(id) => {
            let mut certificate = client_certificate::certificate(&mut tx, &id).await?;
            tags::add(&mut certificate.tags, req.tags)?;
            tx.put(&certificate)?;
        }
    }
    tx.commit().await?;
    Ok(TagResourceResponse {})
}
