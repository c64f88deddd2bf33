//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteBasePathMapping.html>
//! Removes a mapping.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{DeleteBasePathMappingRequest, DeleteBasePathMappingResponse};

pub(crate) async fn delete_base_path_mapping(
    cx: &Cx,
    req: DeleteBasePathMappingRequest,
) -> Result<DeleteBasePathMappingResponse, Error> {
    let mut tx = cx.begin();
    let mut domain = domain::domain(&mut tx, &req.domain_name).await?;
    domain.mappings.remove(&req.base_path).ok_or(Error::NoMapping)?;
    tx.put(&domain)?;
    domain::publish(cx, &mut tx, &domain).await?;
    tx.commit().await?;
    Ok(DeleteBasePathMappingResponse {})
}
