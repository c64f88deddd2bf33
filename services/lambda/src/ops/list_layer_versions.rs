//! https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html
//!
//! The versions of a layer, newest first.

use kernel::{Ctx, Key};

use crate::Lambda;
use crate::error::Error;
use crate::generated::{ListLayerVersionsRequest, ListLayerVersionsResponse};
use crate::layers::{self, LayerVersion};
use crate::pages::{self, Page};
use crate::settings;

/// Most versions of a layer that are looked through.
const LISTED_MAX: usize = 100_000;

pub(crate) async fn list_layer_versions(
    cx: &Ctx<Lambda>,
    req: ListLayerVersionsRequest,
) -> Result<ListLayerVersionsResponse, Error> {
    settings::check_compatible_runtime(req.compatible_runtime.as_deref())?;
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    if place.account != cx.account() {
        return Err(Error::AccessDenied(cx.call.principal.arn.clone(), "ListLayerVersions", place.arn()));
    }
    let page = Page::new(req.max_items, pages::FUNCTIONS_MAX, req.marker.as_deref())?;
    let before = match page.after.as_deref() {
        Some(number) => number.parse().map_err(|_| pages::bad_marker())?,
        None => u64::MAX,
    };
    let mut found: Vec<LayerVersion> =
        place.begin(cx).list(&Key::new().text(&place.name), None, LISTED_MAX).await?;
    let (runtime, architecture) = (req.compatible_runtime.as_deref(), req.compatible_architecture.as_deref());
    found.retain(|version| version.number < before && layers::is_for(version, runtime, architecture));
    found.reverse();
    let next_marker = pages::cut(&mut found, page.limit, |version| version.number.to_string());
    let shown = found.into_iter().map(|version| layers::show_listed(&place, version)).collect();
    Ok(ListLayerVersionsResponse { next_marker, layer_versions: Some(shown) })
}
