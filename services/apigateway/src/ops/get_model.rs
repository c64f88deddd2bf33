//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetModel.html>
//! Shows a model; flattened, with all that it refers to in its own definitions.

use kernel::Tx;

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetModelRequest, Model};
use crate::model::{self, schema};
use crate::tables::{self, ModelRecord};

pub(crate) async fn get_model(cx: &Cx, req: GetModelRequest) -> Result<Model, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<ModelRecord>(&mut tx, &req.rest_api_id, &req.model_name).await?;
    let record = found.ok_or(Error::NoModel(req.model_name))?;
    let mut answer = model::shown(&record.model);
    if req.flatten == Some(true) && model::is_json(&record.model.content_type) {
        answer.schema = Some(flattened(&mut tx, &record).await?);
    }
    Ok(answer)
}

async fn flattened(tx: &mut Tx, record: &ModelRecord) -> Result<String, Error> {
    let schema = schema::parse(record.model.schema.as_deref().unwrap_or("{}"))?;
    let mut wanted = model::references(&record.model);
    let mut others: Vec<(String, serde_json::Value)> = Vec::new();
    while let Some(name) = wanted.pop() {
        if others.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let Some(other) = tables::part::<ModelRecord>(tx, &record.api_id, &name).await? else { continue };
        wanted.extend(model::references(&other.model));
        others.push((name, schema::parse(other.model.schema.as_deref().unwrap_or("{}"))?));
    }
    Ok(schema::flattened(schema, others).to_string())
}
