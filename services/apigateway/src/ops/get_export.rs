//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html>
//! Writes the deployment of a stage as an OpenAPI document.

use bytes::Bytes;

use crate::Cx;
use crate::deployment;
use crate::documentation;
use crate::error::Error;
use crate::generated::{ExportResponse, GetExportRequest};
use crate::openapi::export::{Extensions, Format, Subject, write};
use crate::openapi::yaml;
use crate::tables;

pub(crate) async fn get_export(cx: &Cx, req: GetExportRequest) -> Result<ExportResponse, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let stage = tables::stage(&mut tx, &api.id, &req.stage_name).await?.ok_or(Error::NoStage)?;
    let format = Format::of(&req.export_type)?;
    let parameters = req.parameters.unwrap_or_default();
    let extensions = Extensions::of(parameters.get("extensions").map(String::as_str))?;
    let record = tables::deployment(&mut tx, &api.id, &stage.deployment_id).await?;
    let published = deployment::published(cx, &mut tx, &api.id, &stage.deployment_id).await?;
    let (record, published) = record.zip(published).ok_or(Error::NoDeployment)?;
    let documented = match &stage.documentation_version {
        Some(name) => documentation::version(&mut tx, &api.id, name).await?,
        None => None,
    };
    let version = api.version.clone().unwrap_or_else(|| moment(record.created_ms));
    let subject = Subject {
        api: &published.api,
        description: api.description.as_deref(),
        version: &version,
        stage: &stage.name,
        endpoint_type: &api.endpoint_type,
        vpc_endpoint_ids: &api.vpc_endpoint_ids,
        disable_execute_api_endpoint: api.disable_execute_api_endpoint,
        documentation: documented
            .as_ref()
            .map(|one| (one.version.as_str(), moment(one.created_ms), one.parts.as_slice())),
    };
    let document = write(&subject, format, extensions);
    let is_yaml = req.accepts.as_deref().is_some_and(|accepts| accepts.contains("yaml"));
    let (text, ending) = match is_yaml {
        true => (yaml(&document), "yaml"),
        false => (format!("{document:#}"), "json"),
    };
    Ok(ExportResponse {
        content_type: Some("application/octet-stream".to_owned()),
        content_disposition: Some(format!("attachment; filename=\"{}_{version}.{ending}\"", req.export_type)),
        body: Some(Bytes::from(text)),
    })
}

/// `2016-10-27T00:00:00Z`.
fn moment(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
