//! Aliases: which versions they may point to, and how they are shown.

use kernel::Tx;

use crate::error::{Error, invalid};
use crate::generated::{AliasConfiguration, AliasRoutingConfiguration};
use crate::place::{LATEST, Place};
use crate::resolve::Qualifier;
use crate::tables::{Alias, Published, version_key};

/// The version must be there.
pub(crate) async fn check_version(tx: &mut Tx, place: &Place, version: &str) -> Result<(), Error> {
    let exists = match Qualifier::of(Some(version)) {
        Qualifier::Latest => true,
        Qualifier::Number(number) => tx.get::<Published>(&version_key(&place.name, number)).await?.is_some(),
        Qualifier::Alias(_) => false,
    };
    match exists {
        true => Ok(()),
        false => Err(Error::FunctionNotFound(place.qualified(version))),
    }
}

/// The second version of an alias that points to `version`, out of a request's weights.
pub(crate) async fn second(
    tx: &mut Tx,
    place: &Place,
    version: &str,
    routing: Option<AliasRoutingConfiguration>,
) -> Result<Option<(String, f64)>, Error> {
    let weights = routing.and_then(|routing| routing.additional_version_weights).unwrap_or_default();
    if weights.len() > 1 {
        return Err(invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    let Some((second, share)) = weights.into_iter().next() else { return Ok(None) };
    check_pair_of(version, &second)?;
    check_version(tx, place, &second).await?;
    Ok(Some((second, share)))
}

/// An alias cannot point twice to the same version, nor to `$LATEST` and another.
pub(crate) fn check_pair(alias: &Alias) -> Result<(), Error> {
    alias.second.as_ref().map_or(Ok(()), |(second, _)| check_pair_of(&alias.version, second))
}

fn check_pair_of(version: &str, second: &str) -> Result<(), Error> {
    if version == second {
        let text = format!(
            "Invalid function version {version}. Function version {version} is already included in routing configuration."
        );
        return Err(invalid(text));
    }
    if version == LATEST {
        return Err(invalid("$LATEST is not supported for an alias pointing to more than 1 version"));
    }
    Ok(())
}

/// As AWS shows it.
pub(crate) fn show(place: &Place, alias: Alias) -> AliasConfiguration {
    let routing = alias
        .second
        .map(|second| AliasRoutingConfiguration { additional_version_weights: Some([second].into()) });
    AliasConfiguration {
        alias_arn: Some(place.qualified(&alias.name)),
        name: Some(alias.name),
        function_version: Some(alias.version),
        description: Some(alias.description),
        routing_config: routing,
        revision_id: Some(alias.revision_id),
    }
}
