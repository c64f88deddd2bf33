//! https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html
//!
//! Changes some of how asynchronous invocations are retried.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::events;
use crate::generated::{FunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigRequest};
use crate::place::{LATEST, locate};
use crate::tables::EventSettings;

pub(crate) async fn update_function_event_invoke_config(
    cx: &Ctx<Lambda>,
    req: UpdateFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig, Error> {
    let place =
        locate(cx, "UpdateFunctionEventInvokeConfig", &req.function_name, req.qualifier.as_deref()).await?;
    let change =
        events::change(req.maximum_retry_attempts, req.maximum_event_age_in_seconds, req.destination_config)?;
    let missing =
        || Error::NoEventInvokeConfig(place.qualified(place.qualifier.as_deref().unwrap_or(LATEST)));
    events::store(cx, &place, |before| {
        let before = before.ok_or_else(missing)?;
        Ok(EventSettings {
            retries_max: change.retries_max.or(before.retries_max),
            age_max_s: change.age_max_s.or(before.age_max_s),
            modified_ms: cx.now_ms(),
        })
    })
    .await
}
