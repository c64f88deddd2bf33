//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersions.html>
//! Lists the versions of an API's documentation, oldest first.

use crate::Cx;
use crate::documentation;
use crate::error::Error;
use crate::generated::{DocumentationVersions, GetDocumentationVersionsRequest};
use crate::page::{by_creation, page};
use crate::tables;

pub(crate) async fn get_documentation_versions(
    cx: &Cx,
    req: GetDocumentationVersionsRequest,
) -> Result<DocumentationVersions, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = documentation::versions(&tx, &api.id).await?;
    let keyed =
        all.iter().map(|version| (by_creation(version.created_ms, &version.version), version.shown()));
    let (items, position) = page(keyed.collect(), req.position.as_deref(), req.limit)?;
    Ok(DocumentationVersions { items: Some(items), position })
}
