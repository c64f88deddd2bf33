//! https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
//!
//! Makes the next version of a layer, and the layer if it is new.

use kernel::{Ctx, Fault, Key};

use crate::Lambda;
use crate::code::{self, Keep, Source};
use crate::error::Error;
use crate::generated::{PublishLayerVersionRequest, PublishLayerVersionResponse};
use crate::layers::{self, Layer, LayerVersion};
use crate::settings;

pub(crate) async fn publish_layer_version(
    cx: &Ctx<Lambda>,
    req: PublishLayerVersionRequest,
) -> Result<PublishLayerVersionResponse, Error> {
    settings::check_compatible_runtimes(req.compatible_runtimes.as_deref().unwrap_or_default())?;
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    if place.account != cx.account() || place.region != cx.region() {
        return Err(Error::AccessDenied(cx.call.principal.arn.clone(), "PublishLayerVersion", place.arn()));
    }
    let source = Source {
        zip: req.content.zip_file,
        bucket: req.content.s3_bucket,
        key: req.content.s3_key,
        ..Source::default()
    };
    let code = code::take_in(cx, source, Keep::Stored).await?;
    let blob = code.blob.clone();
    let mut tx = place.begin(cx);
    let layer: Option<Layer> = tx.get(&Key::new().text(&place.name)).await?;
    let mut layer = layer.unwrap_or_else(|| Layer { name: place.name.clone(), next_version: 1 });
    let version = LayerVersion {
        layer: place.name.clone(),
        number: layer.next_version,
        description: req.description.unwrap_or_default(),
        license: req.license_info,
        runtimes: req.compatible_runtimes,
        architectures: req.compatible_architectures,
        created_ms: cx.now_ms(),
        code,
        policy: Vec::new(),
        policy_revision: cx.uuid(),
    };
    layer.next_version += 1;
    tx.put(&layer)?;
    tx.put(&version)?;
    match tx.commit().await {
        Ok(_) => layers::show(cx, &place, version).await,
        Err(Fault::Conflict) => Err(Fault::Conflict.into()),
        Err(fault) => {
            code::let_go(&cx.host, vec![blob]);
            Err(fault.into())
        }
    }
}
