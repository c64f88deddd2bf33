//! An imported document, put into the tables of an API.
//!
//! Merged, what the document names replaces what has the same name or path, and the rest stays. Overwriting, what the document does not
//! name goes; the API's id, its deployments and stages stay, and a resource whose path stays keeps its id. Everything that cannot be is
//! told at once, and then nothing changes.

mod parts;
mod resources;
mod settings;

use kernel::Tx;

use crate::Cx;
use crate::documentation::{self, Mode};
use crate::error::Error;
use crate::generated::RestApi;
use crate::openapi::import::{BasePath, Imported, Options, read};
use crate::tables::{self, ApiRecord};

/// A document and how to take it.
pub(crate) struct Request<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) parameters: &'a plan::definition::Strings,
    pub(crate) mode: Mode,
    pub(crate) fails_on_warnings: bool,
}

/// Puts a document into an API that is written by this; gives the warnings.
pub(crate) async fn apply(
    cx: &Cx,
    tx: &mut Tx,
    api: &mut ApiRecord,
    request: Request<'_>,
) -> Result<Vec<String>, Error> {
    let parameter = |name: &str| request.parameters.get(name).map(String::as_str);
    let api_id = api.id.clone();
    let options = Options {
        api_id: &api_id,
        base_path: BasePath::of(parameter("basepath"))?,
        ignores_documentation: parameter("ignore") == Some("documentation"),
    };
    let mut imported = read(request.body, options)?;
    if let Some(kinds) = parameter("endpointConfigurationTypes") {
        imported.endpoint_types = Some(vec![kinds.to_owned()]);
    }
    if let Some(ids) = parameter("vpcEndpointIds") {
        imported.vpc_endpoint_ids = Some(ids.split(',').map(|id| id.trim().to_owned()).collect());
    }
    if let Some(flag) = parameter("disableExecuteApiEndpoint") {
        imported.disable_execute_api_endpoint = Some(flag.eq_ignore_ascii_case("true"));
    }
    if request.fails_on_warnings && !imported.warnings.is_empty() {
        return Err(Error::ImportWarnings(imported.warnings));
    }
    let Imported { documentation, warnings, .. } = &mut imported;
    let (documentation, warnings) = (std::mem::take(documentation), std::mem::take(warnings));
    let mut errors = Vec::new();
    settings::apply(api, &imported, request.mode, &mut errors);
    let known = parts::apply(cx, tx, api, &imported, request.mode, &mut errors).await?;
    resources::apply(cx, tx, api, (imported.paths, known), request.mode, &mut errors).await?;
    if !errors.is_empty() {
        return Err(Error::ImportErrors(errors));
    }
    let keeps_parts = options.ignores_documentation && request.mode == Mode::Overwrite;
    if !keeps_parts {
        documentation::put_parts(cx, tx, &api.id, documentation.parts, request.mode).await?;
    }
    tables::touch(tx, api)?;
    Ok(warnings)
}

/// An answer with warnings.
pub(crate) fn with_warnings(api: RestApi, warnings: Vec<String>) -> RestApi {
    RestApi { warnings: (!warnings.is_empty()).then_some(warnings), ..api }
}
