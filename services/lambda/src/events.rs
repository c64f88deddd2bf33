//! Settings for asynchronous invocations. Destinations are refused: nothing delivers to them yet.

use kernel::Ctx;
use wire::Timestamp;

use crate::Lambda;
use crate::error::{Error, invalid};
use crate::functions::Part;
use crate::generated::{DestinationConfig, FunctionEventInvokeConfig, OnFailure, OnSuccess};
use crate::place::{LATEST, Place};
use crate::tables::{EventSettings, Function, function_key};

/// A request's settings, of which there must be one.
pub(crate) fn change(
    retries: Option<i64>,
    age_s: Option<i64>,
    destinations: Option<DestinationConfig>,
) -> Result<EventSettings, Error> {
    if retries.is_none() && age_s.is_none() && destinations.is_none() {
        return Err(invalid("You must specify at least one of error handling or destination setting."));
    }
    let destinations = destinations.unwrap_or_default();
    let success = destinations.on_success.and_then(|target| target.destination);
    let failure = destinations.on_failure.and_then(|target| target.destination);
    if [success, failure].into_iter().flatten().any(|target| !target.is_empty()) {
        return Err(Error::Unsupported("DestinationConfig"));
    }
    Ok(EventSettings {
        retries_max: retries.and_then(|retries| u32::try_from(retries).ok()),
        age_max_s: age_s,
        modified_ms: 0,
    })
}

/// Stores what `change` makes of the settings there are.
pub(crate) async fn store(
    cx: &Ctx<Lambda>,
    place: &Place,
    change: impl Fn(Option<&EventSettings>) -> Result<EventSettings, Error>,
) -> Result<FunctionEventInvokeConfig, Error> {
    let qualifier = place.qualifier.as_deref().unwrap_or(LATEST);
    let mut tx = place.begin(&cx.host);
    match Part::get(&mut tx, place).await {
        Err(Error::FunctionNotFound(_) | Error::AliasNotFound(_)) => {
            return Err(Error::NoSuchFunction);
        }
        other => drop(other?),
    }
    let function: Option<Function> = tx.get(&function_key(&place.name)).await?;
    let mut function = function.ok_or(Error::NoSuchFunction)?;
    let settings = change(function.events.get(qualifier))?;
    function.events.insert(qualifier.to_owned(), settings.clone());
    tx.put(&function)?;
    tx.commit().await?;
    Ok(show(place, qualifier, &settings))
}

/// As AWS shows it.
pub(crate) fn show(place: &Place, qualifier: &str, settings: &EventSettings) -> FunctionEventInvokeConfig {
    FunctionEventInvokeConfig {
        last_modified: Some(Timestamp(settings.modified_ms)),
        function_arn: Some(place.qualified(qualifier)),
        maximum_retry_attempts: settings.retries_max.map(i64::from),
        maximum_event_age_in_seconds: settings.age_max_s,
        destination_config: Some(DestinationConfig {
            on_success: Some(OnSuccess::default()),
            on_failure: Some(OnFailure::default()),
        }),
    }
}
