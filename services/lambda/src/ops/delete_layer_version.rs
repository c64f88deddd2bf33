//! https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html
//!
//! Removes a version of a layer; functions that use it keep it. One that is not there is no error.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{DeleteLayerVersionRequest, DeleteLayerVersionResponse};
use crate::layers;

pub(crate) async fn delete_layer_version(
    cx: &Ctx<Lambda>,
    req: DeleteLayerVersionRequest,
) -> Result<DeleteLayerVersionResponse, Error> {
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    let number = layers::number(req.version_number)?;
    let mut tx = place.begin(cx);
    match layers::get_own(cx, &mut tx, &place, number).await {
        Err(Error::LayerVersionNotFound(_)) => {}
        Err(error) => return Err(error),
        Ok(version) => {
            tx.delete::<layers::LayerVersion>(&layers::key(&version.layer, version.number));
            tx.commit().await?;
        }
    }
    Ok(DeleteLayerVersionResponse::default())
}
