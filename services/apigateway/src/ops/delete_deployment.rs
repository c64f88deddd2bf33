//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDeployment.html>
//! Removes a deployment that no stage points to.

use kernel::Record;

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{DeleteDeploymentRequest, DeleteDeploymentResponse};
use crate::tables::{self, DeploymentRecord};

pub(crate) async fn delete_deployment(
    cx: &Cx,
    req: DeleteDeploymentRequest,
) -> Result<DeleteDeploymentResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::deployment(&mut tx, &req.rest_api_id, &req.deployment_id).await?;
    let record = found.ok_or(Error::NoDeployment)?;
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let stages = tables::stages(&tx, &api.id).await?;
    if stages.iter().any(|stage| stage.deployments().any(|id| *id == record.id)) {
        return Err(Error::ActiveStages);
    }
    tables::touch(&mut tx, &mut api)?;
    deployment::retract(cx, &mut tx, &api.id, &record.id).await?;
    tx.delete::<DeploymentRecord>(&record.key());
    tx.commit().await?;
    Ok(DeleteDeploymentResponse {})
}
