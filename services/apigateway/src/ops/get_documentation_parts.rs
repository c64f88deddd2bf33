//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationParts.html>
//! Lists the parts of an API, those that the filters name, in the order of their ids.

use crate::Cx;
use crate::documentation::{self, PartRecord};
use crate::error::Error;
use crate::generated::{DocumentationParts, GetDocumentationPartsRequest};
use crate::page::page;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn get_documentation_parts(
    cx: &Cx,
    req: GetDocumentationPartsRequest,
) -> Result<DocumentationParts, Error> {
    Violations::default()
        .one_of("locationStatus", req.location_status.as_deref(), &["UNDOCUMENTED", "DOCUMENTED"])
        .one_of("type", req.type_.as_deref(), documentation::TYPES)
        .done()?;
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    // Every part that exists documents its location.
    let is_undocumented = req.location_status.as_deref() == Some("UNDOCUMENTED");
    let fits = |part: &PartRecord| {
        let location = &part.location;
        let name = || location.name.as_deref().unwrap_or_default();
        !is_undocumented
            && req.type_.as_ref().is_none_or(|kind| *kind == location.kind)
            && req.path.as_ref().is_none_or(|path| location.path.as_ref() == Some(path))
            && req.name_query.as_ref().is_none_or(|query| name().contains(query.as_str()))
    };
    let all = documentation::parts(&tx, &api.id).await?;
    let keyed = all.iter().filter(|part| fits(part)).map(|part| (part.id.clone(), part.shown())).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(DocumentationParts { items: Some(items), position })
}
