//! https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html
//!
//! The layers of a region, sorted by name, each with its newest version that fits what is asked for.

use kernel::{Ctx, Key};

use crate::Lambda;
use crate::error::Error;
use crate::generated::{LayersListItem, ListLayersRequest, ListLayersResponse};
use crate::layers::{self, Layer, LayerPlace, LayerVersion};
use crate::pages::{self, Page};
use crate::settings;

/// Most versions of a layer that are looked through.
const LISTED_MAX: usize = 100_000;

pub(crate) async fn list_layers(
    cx: &Ctx<Lambda>,
    req: ListLayersRequest,
) -> Result<ListLayersResponse, Error> {
    settings::check_compatible_runtime(req.compatible_runtime.as_deref())?;
    let page = Page::new(req.max_items, pages::FUNCTIONS_MAX, req.marker.as_deref())?;
    let (runtime, architecture) = (req.compatible_runtime.as_deref(), req.compatible_architecture.as_deref());
    let tx = cx.begin();
    let mut after = page.after.as_deref().map(|name| Key::new().text(name));
    let mut found: Vec<LayersListItem> = Vec::new();
    while found.len() <= page.limit {
        let Some(layer) = tx.list::<Layer>(&Key::new(), after.as_ref(), 1).await?.pop() else { break };
        after = Some(Key::new().text(&layer.name));
        let mut versions: Vec<LayerVersion> =
            tx.list(&Key::new().text(&layer.name), None, LISTED_MAX).await?;
        versions.retain(|version| layers::is_for(version, runtime, architecture));
        let Some(newest) = versions.pop() else { continue };
        let place = LayerPlace {
            account: cx.account().to_owned(),
            region: cx.region().to_owned(),
            name: layer.name.clone(),
        };
        found.push(LayersListItem {
            layer_name: Some(layer.name),
            layer_arn: Some(place.arn()),
            latest_matching_version: Some(layers::show_listed(&place, newest)),
        });
    }
    let next_marker = pages::cut(&mut found, page.limit, |item| item.layer_name.clone().unwrap_or_default());
    Ok(ListLayersResponse { next_marker, layers: Some(found) })
}
