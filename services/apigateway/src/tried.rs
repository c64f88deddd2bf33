//! What the operations that try a method or an authorizer have in common.

use std::collections::BTreeMap;

use kernel::{Fault, Internal, Tx};
use plan::definition::PublishedDeployment;

use crate::Cx;
use crate::deployment;
use crate::error::Error;
use crate::tables::ApiRecord;

/// The API as it is now, as the data plane reads it.
pub(crate) async fn snapshot(cx: &Cx, tx: &Tx, api: &ApiRecord) -> Result<String, Error> {
    let now = PublishedDeployment { id: String::new(), api: deployment::definition(cx, tx, api).await? };
    let text = serde_json::to_string(&now);
    Ok(text.map_err(|error| Fault::from(Internal::new("writing an API down to try it", error)))?)
}

/// A pair for each value; a header that has several values counts with those only.
pub(crate) fn headers(
    single: Option<BTreeMap<String, String>>,
    several: Option<BTreeMap<String, Vec<String>>>,
) -> Vec<(String, String)> {
    let (single, several) = (single.unwrap_or_default(), several.unwrap_or_default());
    let alone = single.into_iter().filter(|(name, _)| !several.contains_key(name)).collect::<Vec<_>>();
    let several = several.into_iter().flat_map(|(name, values)| {
        values.into_iter().map(move |value| (name.clone(), value)).collect::<Vec<_>>()
    });
    alone.into_iter().chain(several).collect()
}
