//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationPart.html>
//! Shows a part.

use crate::Cx;
use crate::documentation;
use crate::error::Error;
use crate::generated::{DocumentationPart, GetDocumentationPartRequest};
use crate::tables;

pub(crate) async fn get_documentation_part(
    cx: &Cx,
    req: GetDocumentationPartRequest,
) -> Result<DocumentationPart, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    Ok(documentation::part(&mut tx, &api.id, &req.documentation_part_id).await?.shown())
}
