//! https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html
//!
//! A version of a layer, with an address of its package, by its ARN.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{GetLayerVersionByArnRequest, PublishLayerVersionResponse};
use crate::layers;

pub(crate) async fn get_layer_version_by_arn(
    cx: &Ctx<Lambda>,
    req: GetLayerVersionByArnRequest,
) -> Result<PublishLayerVersionResponse, Error> {
    let (place, number) = layers::locate(cx, &req.arn)?;
    let version =
        layers::find(cx, &place, number.ok_or(Error::NoSuchResource)?).await?.ok_or(Error::NoSuchResource)?;
    layers::show(cx, &place, version).await
}
