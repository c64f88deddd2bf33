//! https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html
//!
//! A version of a layer, with an address of its package.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{GetLayerVersionRequest, PublishLayerVersionResponse};
use crate::layers;

pub(crate) async fn get_layer_version(
    cx: &Ctx<Lambda>,
    req: GetLayerVersionRequest,
) -> Result<PublishLayerVersionResponse, Error> {
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    let number = layers::number(req.version_number)?;
    let version = layers::find(cx, &place, number).await?.ok_or(Error::NoSuchResource)?;
    layers::show(cx, &place, version).await
}
