//! Layers: named, numbered packages that functions are given beside their own code.
//!
//! A version never changes. Functions that use a deleted version go on using it, so its package stays in the blob store; known
//! difference from AWS: nothing removes it later. Numbers are never used again.

use kernel::{Ctx, Key, Record, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Lambda;
use crate::access::Policy;
use crate::code::{self, UNZIPPED_BYTES_MAX};
use crate::configuration::{Code, Configuration, UsedLayer, format_date};
use crate::error::{Error, invalid};
use crate::generated::{LayerVersionContentOutput, LayerVersionsListItem, PublishLayerVersionResponse};
use crate::place::Place;

/// Most layers of a function (AWS: Lambda quotas).
const USED_MAX: usize = 5;

/// A layer: where its numbers stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Layer {
    pub name: String,
    pub next_version: u64,
}

/// One version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LayerVersion {
    pub layer: String,
    pub number: u64,
    pub description: String,
    pub license: Option<String>,
    pub runtimes: Option<Vec<String>>,
    pub architectures: Option<Vec<String>>,
    pub created_ms: i64,
    pub code: Code,
    pub policy: Vec<Json>,
    pub policy_revision: String,
}

impl Record for Layer {
    const TABLE: &'static str = "layers";
    fn key(&self) -> Key {
        Key::new().text(&self.name)
    }
}

impl Record for LayerVersion {
    const TABLE: &'static str = "layer-versions";
    fn key(&self) -> Key {
        Key::new().text(&self.layer).number(self.number)
    }
}

/// Where a layer is. `Display` of a version is [`LayerPlace::version_arn`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LayerPlace {
    pub account: String,
    pub region: String,
    pub name: String,
}

impl LayerPlace {
    /// Reads a name, the ARN of a layer, or the ARN of a version of one, with its number.
    pub fn parse(text: &str, account: &str, region: &str) -> Option<(LayerPlace, Option<u64>)> {
        if !text.contains(':') {
            let (account, region) = (account.to_owned(), region.to_owned());
            return Some((LayerPlace { account, region, name: text.to_owned() }, None));
        }
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "lambda", region, account, "layer", name, number @ ..]
                if number.len() < 2 && !name.is_empty() =>
            {
                let number = match number.first() {
                    Some(number) => Some(number.parse().ok()?),
                    None => None,
                };
                let (account, region) = ((*account).to_owned(), (*region).to_owned());
                Some((LayerPlace { account, region, name: (*name).to_owned() }, number))
            }
            _ => None,
        }
    }

    /// ARN of the layer.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:layer:{}", self.region, self.account, self.name)
    }

    /// ARN of a version.
    pub fn version_arn(&self, number: u64) -> String {
        format!("{}:{number}", self.arn())
    }

    /// A transaction over the records of the layer's account and region.
    pub fn begin(&self, cx: &Ctx<Lambda>) -> Tx {
        cx.host.begin(crate::ID, &kernel::Scope::new(&self.account, &self.region))
    }
}

/// The layer that a request names, and its number as far as the name has one.
pub(crate) fn locate(cx: &Ctx<Lambda>, name: &str) -> Result<(LayerPlace, Option<u64>), Error> {
    LayerPlace::parse(name, cx.account(), cx.region()).ok_or(Error::NoSuchResource)
}

/// The number of a request, which begins at 1.
pub(crate) fn number(given: i64) -> Result<u64, Error> {
    u64::try_from(given)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| invalid("Layer Version Cannot be less than 1"))
}

/// A version that may be changed: one of the caller's own account.
pub(crate) async fn get_own(
    cx: &Ctx<Lambda>,
    tx: &mut Tx,
    place: &LayerPlace,
    number: u64,
) -> Result<LayerVersion, Error> {
    if place.account != cx.account() {
        return Err(denied(cx, place, number));
    }
    let missing = || Error::LayerVersionNotFound(place.version_arn(number));
    tx.get(&key(&place.name, number)).await?.ok_or_else(missing)
}

/// A version that may be read: of the caller's account, or let in by its policy.
pub(crate) async fn find(
    cx: &Ctx<Lambda>,
    place: &LayerPlace,
    number: u64,
) -> Result<Option<LayerVersion>, Error> {
    let found: Option<LayerVersion> = place.begin(cx).peek(&key(&place.name, number)).await?;
    if place.account == cx.account() {
        return Ok(found);
    }
    let arn = place.version_arn(number);
    let is_let_in = |version: &LayerVersion| {
        Policy::compile(&version.policy).allows(
            &cx.call.principal,
            "lambda:GetLayerVersion",
            &arn,
            (None, None),
        )
    };
    // Whether it exists is not told to strangers.
    found.filter(is_let_in).map(Some).ok_or_else(|| denied(cx, place, number))
}

fn denied(cx: &Ctx<Lambda>, place: &LayerPlace, number: u64) -> Error {
    Error::AccessDenied(cx.call.principal.arn.clone(), "GetLayerVersion", place.version_arn(number))
}

pub(crate) fn key(layer: &str, number: u64) -> Key {
    Key::new().text(layer).number(number)
}

/// The layers that a function is to have.
pub(crate) async fn resolve(
    cx: &Ctx<Lambda>,
    function: &Place,
    arns: &[String],
) -> Result<Vec<UsedLayer>, Error> {
    if arns.len() > USED_MAX {
        return Err(invalid("Cannot reference more than 5 layers."));
    }
    let mut used: Vec<(LayerPlace, UsedLayer)> = Vec::new();
    for arn in arns {
        let missing = || invalid(format!("Layer version {arn} does not exist."));
        let Some((place, Some(number))) = LayerPlace::parse(arn, "", "") else { return Err(missing()) };
        if place.region != function.region {
            let text =
                "Layers are not in the same region as the function. Layers are expected to be in region";
            return Err(invalid(format!("{text} {}.", function.region)));
        }
        let version = find(cx, &place, number).await?.ok_or_else(missing)?;
        if let Some((_, other)) = used.iter().find(|(other, _)| *other == place) {
            let text = "Two different versions of the same layer are not allowed to be referenced in the same function.";
            return Err(invalid(format!("{text} {} and {arn} are versions of the same layer.", other.arn)));
        }
        used.push((place, UsedLayer { arn: arn.clone(), code: version.code }));
    }
    Ok(used.into_iter().map(|(_, layer)| layer).collect())
}

/// A function's own code and its layers share one limit.
pub(crate) fn check_size(configuration: &Configuration) -> Result<(), Error> {
    let layers = configuration.layers.iter().map(|layer| layer.code.unzipped);
    let bytes = layers.sum::<u64>() + configuration.code.unzipped;
    match bytes > UNZIPPED_BYTES_MAX && !configuration.layers.is_empty() {
        true => {
            let text = format!(
                "exceeds the maximum allowed size of {UNZIPPED_BYTES_MAX} bytes. The actual size is {bytes} bytes."
            );
            Err(invalid(format!("Function code combined with layers {text}")))
        }
        false => Ok(()),
    }
}

/// As AWS shows it, with an address of its package.
pub(crate) async fn show(
    cx: &Ctx<Lambda>,
    place: &LayerPlace,
    version: LayerVersion,
) -> Result<PublishLayerVersionResponse, Error> {
    let content = LayerVersionContentOutput {
        location: Some(code::download_url(cx, &version.code).await?),
        code_sha256: Some(version.code.sha256_base64()),
        code_size: i64::try_from(version.code.bytes).ok(),
        ..LayerVersionContentOutput::default()
    };
    let item = show_listed(place, version);
    Ok(PublishLayerVersionResponse {
        content: Some(content),
        layer_arn: Some(place.arn()),
        layer_version_arn: item.layer_version_arn,
        description: item.description,
        created_date: item.created_date,
        version: item.version,
        compatible_architectures: item.compatible_architectures,
        compatible_runtimes: item.compatible_runtimes,
        license_info: item.license_info,
    })
}

/// As AWS shows it in a list.
pub(crate) fn show_listed(place: &LayerPlace, version: LayerVersion) -> LayerVersionsListItem {
    LayerVersionsListItem {
        layer_version_arn: Some(place.version_arn(version.number)),
        version: i64::try_from(version.number).ok(),
        description: Some(version.description),
        created_date: Some(format_date(version.created_ms)),
        compatible_architectures: version.architectures,
        compatible_runtimes: version.runtimes,
        license_info: version.license,
    }
}

/// Whether a version is for this runtime and architecture, as far as they are asked for. One that names none is for none in particular.
pub(crate) fn is_for(version: &LayerVersion, runtime: Option<&str>, architecture: Option<&str>) -> bool {
    let has = |list: &Option<Vec<String>>, wanted: Option<&str>| {
        wanted.is_none_or(|wanted| list.as_ref().is_some_and(|list| list.iter().any(|item| item == wanted)))
    };
    has(&version.runtimes, runtime) && has(&version.architectures, architecture)
}
