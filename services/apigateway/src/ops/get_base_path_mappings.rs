//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMappings.html>
//! Lists the mappings of a domain name in the order of their base paths.

use crate::Cx;
use crate::domain;
use crate::error::Error;
use crate::generated::{BasePathMappings, GetBasePathMappingsRequest};
use crate::page::page;

pub(crate) async fn get_base_path_mappings(
    cx: &Cx,
    req: GetBasePathMappingsRequest,
) -> Result<BasePathMappings, Error> {
    let domain = domain::domain(&mut cx.begin(), &req.domain_name).await?;
    let shown = |path: &String| domain.shown_mapping(path).map(|mapping| (path.clone(), mapping));
    let keyed = domain.mappings.keys().filter_map(shown).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(BasePathMappings { items: Some(items), position })
}
