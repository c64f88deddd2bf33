//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateBasePathMapping.html>
//! Changes a mapping: its base path, API or stage.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{BasePathMapping, UpdateBasePathMappingRequest};
use crate::patch::Patch;
use crate::violations::Violations;

pub(crate) async fn update_base_path_mapping(
    cx: &Cx,
    req: UpdateBasePathMappingRequest,
) -> Result<BasePathMapping, Error> {
    Violations::default().operations("updateBasePathMappingInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut domain = domain::domain(&mut tx, &req.domain_name).await?;
    let base_path = domain.patch_mapping(&req.base_path, &Patch::parse(req.patch_operations))?;
    let target = domain.mappings[&base_path].clone();
    domain::check_target(cx, &mut tx, &target).await?;
    tx.put(&domain)?;
    domain::publish(cx, &mut tx, &domain).await?;
    tx.commit().await?;
    domain.shown_mapping(&base_path).ok_or(Error::NoMapping)
}
