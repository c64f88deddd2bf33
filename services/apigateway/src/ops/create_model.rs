//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html>
//! Makes a model, whose schema may refer to other models of the API.

use crate::Cx;
use crate::error::Error;
use crate::generated::{CreateModelRequest, Model};
use crate::model;
use crate::references;
use crate::tables::{self, ModelRecord};

pub(crate) async fn create_model(cx: &Cx, req: CreateModelRequest) -> Result<Model, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let model = model::from_request(req, cx.new_id(6))?;
    if tables::part::<ModelRecord>(&mut tx, &api.id, &model.name).await?.is_some() {
        return Err(Error::ModelExists);
    }
    tables::room_for::<ModelRecord>(&tx, &api.id, "models").await?;
    let mut others = model::references(&model);
    others.retain(|name| *name != model.name);
    references::check_models(&mut tx, &api.id, &others).await?;
    let answer = model::shown(&model);
    tx.put(&ModelRecord { api_id: api.id, model })?;
    tx.commit().await?;
    Ok(answer)
}
