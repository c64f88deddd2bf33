//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMapping.html>
//! Shows a mapping; the one without a base path is called `(none)`.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{BasePathMapping, GetBasePathMappingRequest};

pub(crate) async fn get_base_path_mapping(
    cx: &Cx,
    req: GetBasePathMappingRequest,
) -> Result<BasePathMapping, Error> {
    let domain = domain::domain(&mut cx.begin(), &req.domain_name).await?;
    domain.shown_mapping(&req.base_path).ok_or(Error::NoMapping)
}
