//! https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html
//!
//! How asynchronous invocations of a function, a version or an alias are retried.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::events;
use crate::generated::{FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest};
use crate::place::{LATEST, locate};
use crate::tables::{Function, function_key};

pub(crate) async fn get_function_event_invoke_config(
    cx: &Ctx<Lambda>,
    req: GetFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig, Error> {
    let place =
        locate(cx, "GetFunctionEventInvokeConfig", &req.function_name, req.qualifier.as_deref()).await?;
    let function: Option<Function> = place.begin(&cx.host).peek(&function_key(&place.name)).await?;
    let qualifier = place.qualifier.as_deref().unwrap_or(LATEST);
    let settings = function.and_then(|mut function| function.events.remove(qualifier));
    settings
        .map(|settings| events::show(&place, qualifier, &settings))
        .ok_or_else(|| Error::NoEventInvokeConfig(place.qualified(qualifier)))
}
