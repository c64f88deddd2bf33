//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetTags.html>
//! Shows the tags of whatever has tags; there are at most 50, so they come at once.

use crate::Cx;
use crate::client_certificate;
use crate::domain;
use crate::error::Error;
use crate::generated::{GetTagsRequest, Tags};
use crate::tables;
use crate::tags::Target;
use crate::vpc_link;

pub(crate) async fn get_tags(cx: &Cx, req: GetTagsRequest) -> Result<Tags, Error> {
    let mut tx = cx.begin();
    let tags = match Target::parse(&req.resource_arn)? {
        Target::Api(id) => tables::api(cx, &mut tx, &id).await?.tags,
        Target::Stage(id, name) => tables::stage(&mut tx, &id, &name).await?.ok_or(Error::NoStage)?.tags,
        Target::Domain(name) => domain::domain(&mut tx, &name).await?.tags,
        Target::VpcLink(id) => vpc_link::link(&mut tx, &id).await?.tags,
        Target::ClientCertificate(id) => client_certificate::certificate(&mut tx, &id).await?.tags,
    };
    Ok(Tags { tags: Some(tags) })
}
