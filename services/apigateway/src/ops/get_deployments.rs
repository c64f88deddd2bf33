//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html>
//! Lists the deployments of an API, oldest first.

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::generated::{Deployments, GetDeploymentsRequest};
use crate::page::{by_creation, page};
use crate::tables;

pub(crate) async fn get_deployments(cx: &Cx, req: GetDeploymentsRequest) -> Result<Deployments, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::deployments(&tx, &api.id).await?;
    let keyed =
        all.iter().map(|one| (by_creation(one.created_ms, &one.id), deployment::shown(one, None))).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(Deployments { items: Some(items), position })
}
