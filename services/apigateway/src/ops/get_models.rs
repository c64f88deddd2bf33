//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetModels.html>
//! Lists the models of an API by name.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetModelsRequest, Models};
use crate::model;
use crate::page::page;
use crate::tables::{self, ModelRecord};

pub(crate) async fn get_models(cx: &Cx, req: GetModelsRequest) -> Result<Models, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::parts::<ModelRecord>(&tx, &api.id).await?;
    let keyed = all.iter().map(|record| (record.model.name.clone(), model::shown(&record.model))).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(Models { items: Some(items), position })
}
