//! https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
//!
//! Sets how asynchronous invocations are retried; what is not named goes back to its default.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::events;
use crate::generated::{FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest};
use crate::place::locate;
use crate::tables::EventSettings;

pub(crate) async fn put_function_event_invoke_config(
    cx: &Ctx<Lambda>,
    req: PutFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig, Error> {
    let place =
        locate(cx, "PutFunctionEventInvokeConfig", &req.function_name, req.qualifier.as_deref()).await?;
    let change =
        events::change(req.maximum_retry_attempts, req.maximum_event_age_in_seconds, req.destination_config)?;
    events::store(cx, &place, |_| Ok(EventSettings { modified_ms: cx.now_ms(), ..change.clone() })).await
}
