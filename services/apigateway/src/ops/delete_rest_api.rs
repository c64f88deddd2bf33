//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteRestApi.html>
//! Removes an API with all that belongs to it, what is published included.

use kernel::Record;

use crate::Cx;
use crate::deployment;
use crate::documentation;
use crate::domain;
use crate::error::Error;
use crate::generated::{DeleteRestApiRequest, DeleteRestApiResponse};
use crate::tables::{
    self, ApiRecord, AuthorizerRecord, DeploymentRecord, GatewayResponseRecord, ModelRecord, ResourceRecord,
    StageRecord, ValidatorRecord,
};
use crate::usage_plan;

pub(crate) async fn delete_rest_api(
    cx: &Cx,
    req: DeleteRestApiRequest,
) -> Result<DeleteRestApiResponse, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let domains = domain::leading_to(&tx, &api.id, None).await?;
    if !domains.is_empty() {
        return Err(Error::MappedApiDelete(domains.join(", ")));
    }
    documentation::remove_all(&mut tx, &api.id).await?;
    // Each is read by key before it goes: another change of it makes this one begin again, and no piece of a long record stays.
    for record in tables::resources(&tx, &api.id).await? {
        tx.get::<ResourceRecord>(&record.key()).await?;
        tx.delete::<ResourceRecord>(&record.key());
    }
    for record in tables::deployments(&tx, &api.id).await? {
        deployment::retract(cx, &mut tx, &api.id, &record.id).await?;
        tx.get::<DeploymentRecord>(&record.key()).await?;
        tx.delete::<DeploymentRecord>(&record.key());
    }
    for record in tables::stages(&tx, &api.id).await? {
        deployment::retract_stage(cx, &mut tx, &api.id, &record.name).await?;
        tx.get::<StageRecord>(&record.key()).await?;
        tx.delete::<StageRecord>(&record.key());
    }
    tables::remove_parts::<ModelRecord>(&mut tx, &api.id).await?;
    tables::remove_parts::<AuthorizerRecord>(&mut tx, &api.id).await?;
    tables::remove_parts::<ValidatorRecord>(&mut tx, &api.id).await?;
    tables::remove_parts::<GatewayResponseRecord>(&mut tx, &api.id).await?;
    usage_plan::forget_stage(cx, &mut tx, &api.id, None).await?;
    tx.delete::<ApiRecord>(&api.key());
    tx.commit().await?;
    Ok(DeleteRestApiResponse {})
}
