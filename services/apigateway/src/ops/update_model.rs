//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateModel.html>
//! Changes a model's description or schema.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Model, UpdateModelRequest};
use crate::model;
use crate::patch::Patch;
use crate::references;
use crate::tables::{self, ModelRecord};
use crate::violations::Violations;

pub(crate) async fn update_model(cx: &Cx, req: UpdateModelRequest) -> Result<Model, Error> {
    Violations::default().operations("updateModelInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let found = tables::part::<ModelRecord>(&mut tx, &req.rest_api_id, &req.model_name).await?;
    let mut record = found.ok_or(Error::NoModel(req.model_name))?;
    model::apply(&mut record.model, &Patch::parse(req.patch_operations))?;
    let others = model::references(&record.model);
    references::check_models(&mut tx, &record.api_id, &others).await?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(model::shown(&record.model))
}
