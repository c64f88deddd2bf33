//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDeployment.html>
//! Changes the description of a deployment.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{Deployment, UpdateDeploymentRequest};
use crate::patch::{Patch, REPLACE, check_by_op};
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_deployment(cx: &Cx, req: UpdateDeploymentRequest) -> Result<Deployment, Error> {
    Violations::default().operations("updateDeploymentInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let found = tables::deployment(&mut tx, &req.rest_api_id, &req.deployment_id).await?;
    let mut record = found.ok_or(Error::NoDeployment)?;
    for patch in Patch::parse(req.patch_operations) {
        // AWS: Patch Operations, UpdateDeployment.
        check_by_op(&[("/description", REPLACE)], &patch)?;
        record.description = patch.filled();
    }
    tx.put(&record)?;
    tx.commit().await?;
    Ok(deployment::shown(&record, None))
}
