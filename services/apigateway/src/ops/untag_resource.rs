//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UntagResource.html>
//! Takes tags away from whatever has tags; those that are not there do not matter.

use crate::Cx;
use crate::client_certificate;
use crate::domain;
use crate::error::Error;
use crate::generated::{UntagResourceRequest, UntagResourceResponse};
use crate::tables;
use crate::tags::Target;
use crate::vpc_link;

pub(crate) async fn untag_resource(
    cx: &Cx,
    req: UntagResourceRequest,
) -> Result<UntagResourceResponse, Error> {
    let mut tx = cx.begin();
    match Target::parse(&req.resource_arn)? {
        Target::Api(id) => {
            let mut api = tables::api(cx, &mut tx, &id).await?;
            api.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&api)?;
        }
        Target::Stage(id, name) => {
            let mut stage = tables::stage(&mut tx, &id, &name).await?.ok_or(Error::NoStage)?;
            stage.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&stage)?;
        }
        Target::Domain(name) => {
            let mut domain = domain::domain(&mut tx, &name).await?;
            domain.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&domain)?;
        }
        Target::VpcLink(id) => {
            let mut link = vpc_link::link(&mut tx, &id).await?;
            link.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&link)?;
        }
        Target::ClientCertificate(id) => {
            let mut certificate = client_certificate::certificate(&mut tx, &id).await?;
            certificate.tags.retain(|key, _| !req.tag_keys.contains(key));
            tx.put(&certificate)?;
        }
    }
    tx.commit().await?;
    Ok(UntagResourceResponse {})
}
