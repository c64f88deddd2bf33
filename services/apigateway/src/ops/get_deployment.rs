//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployment.html>
//! Shows a deployment, with a summary of its API if `embed` asks for it.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{Deployment, GetDeploymentRequest};
use crate::tables;

pub(crate) async fn get_deployment(cx: &Cx, req: GetDeploymentRequest) -> Result<Deployment, Error> {
    let mut tx = cx.begin();
    let found = tables::deployment(&mut tx, &req.rest_api_id, &req.deployment_id).await?;
    let record = found.ok_or(Error::NoDeployment)?;
    let published = match deployment::wants_summary(req.embed.as_ref()) {
        true => deployment::published(cx, &mut tx, &record.api_id, &record.id).await?,
        false => None,
    };
    Ok(deployment::shown(&record, published.as_ref()))
}
