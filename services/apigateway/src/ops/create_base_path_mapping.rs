//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html>
//! Leads a base path of a domain name to an API, or to one of its stages.

use plan::domain::BasePathTarget;

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{BasePathMapping, CreateBasePathMappingRequest};

pub(crate) async fn create_base_path_mapping(
    cx: &Cx,
    req: CreateBasePathMappingRequest,
) -> Result<BasePathMapping, Error> {
    let mut tx = cx.begin();
    let mut domain = domain::domain(&mut tx, &req.domain_name).await?;
    let base_path = domain::checked_base_path(req.base_path)?;
    let target =
        BasePathTarget { api_id: req.rest_api_id, stage: req.stage.filter(|stage| !stage.is_empty()) };
    domain::check_target(cx, &mut tx, &target).await?;
    domain.map(base_path.clone(), target)?;
    tx.put(&domain)?;
    domain::publish(cx, &mut tx, &domain).await?;
    tx.commit().await?;
    domain.shown_mapping(&base_path).ok_or(Error::NoMapping)
}
