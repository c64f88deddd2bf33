//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationVersion.html>
//! Fixes a snapshot of the documentation, and makes it a stage's if one is named.

use crate::Cx;
use crate::deployment;
use crate::documentation::{self, VersionRecord};
use crate::error::Error;
use crate::generated::{CreateDocumentationVersionRequest, DocumentationVersion};
use crate::tables;

pub(crate) async fn create_documentation_version(
    cx: &Cx,
    req: CreateDocumentationVersionRequest,
) -> Result<DocumentationVersion, Error> {
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    if req.documentation_version.is_empty() {
        return Err(Error::EmptyVersion);
    }
    if documentation::version(&mut tx, &api.id, &req.documentation_version).await?.is_some() {
        return Err(Error::VersionExists);
    }
    if documentation::versions(&tx, &api.id).await?.len() >= documentation::VERSIONS_MAX {
        return Err(Error::TooMany("documentation versions"));
    }
    let parts = documentation::parts(&tx, &api.id).await?;
    if parts.is_empty() {
        return Err(Error::NoParts);
    }
    let version = VersionRecord {
        api_id: api.id.clone(),
        version: req.documentation_version,
        description: req.description.filter(|text| !text.is_empty()),
        created_ms: cx.now_ms(),
        parts: parts.into_iter().map(|part| (part.location, part.properties)).collect(),
    };
    tx.put(&version)?;
    tables::touch(&mut tx, &mut api)?;
    if let Some(name) = req.stage_name.filter(|name| !name.is_empty()) {
        let mut stage = tables::stage(&mut tx, &api.id, &name).await?.ok_or(Error::NoStage)?;
        stage.documentation_version = Some(version.version.clone());
        stage.updated_ms = cx.now_ms();
        tx.put(&stage)?;
        deployment::publish_stage(cx, &mut tx, &api, &stage).await?;
    }
    tx.commit().await?;
    Ok(version.shown())
}
