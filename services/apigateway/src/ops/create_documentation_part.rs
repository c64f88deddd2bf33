//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationPart.html>
//! Adds a part to the documentation of an API.

use crate::Cx;
use crate::documentation::{self, Location, PartRecord};
use crate::error::Error;
use crate::generated::{CreateDocumentationPartRequest, DocumentationPart};
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn create_documentation_part(
    cx: &Cx,
    req: CreateDocumentationPartRequest,
) -> Result<DocumentationPart, Error> {
    Violations::default()
        .one_of("createDocumentationPartInput.location.type", Some(&req.location.type_), documentation::TYPES)
        .done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let location = Location::from_wire(req.location)?;
    let known = documentation::parts(&tx, &api.id).await?;
    if known.len() >= documentation::PARTS_MAX {
        return Err(Error::TooMany("documentation parts"));
    }
    if known.iter().any(|part| part.location == location) {
        return Err(Error::PartExists(location.told()));
    }
    let properties = documentation::checked_properties(&req.properties)?;
    let part = PartRecord { api_id: api.id.clone(), id: cx.new_id(6), location, properties };
    tables::touch(&mut tx, &mut api)?;
    tx.put(&part)?;
    tx.commit().await?;
    Ok(part.shown())
}
