//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteModel.html>
//! Removes a model that no method and no other model refers to.

use kernel::Record;

use crate::Cx;
use crate::error::Error;
use crate::generated::{DeleteModelRequest, DeleteModelResponse};
use crate::model;
use crate::references;
use crate::tables::{self, ModelRecord};

pub(crate) async fn delete_model(cx: &Cx, req: DeleteModelRequest) -> Result<DeleteModelResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<ModelRecord>(&mut tx, &req.rest_api_id, &req.model_name).await?;
    let record = found.ok_or_else(|| Error::NoModel(req.model_name.clone()))?;
    let resources = references::resources(cx, &mut tx, &record.api_id).await?;
    model::check_unused(&record.model.name, &resources)?;
    for other in tables::parts::<ModelRecord>(&tx, &record.api_id).await? {
        if other != record && model::references(&other.model).contains(&record.model.name) {
            return Err(Error::ModelInModel { name: record.model.name, by: other.model.name });
        }
    }
    tx.delete::<ModelRecord>(&record.key());
    tx.commit().await?;
    Ok(DeleteModelResponse {})
}
