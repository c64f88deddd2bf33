//! https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html
//!
//! Back to how asynchronous invocations are usually retried.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::generated::{DeleteFunctionEventInvokeConfigRequest, DeleteFunctionEventInvokeConfigResponse};
use crate::place::{LATEST, locate};
use crate::tables::{Function, function_key};

pub(crate) async fn delete_function_event_invoke_config(
    cx: &Ctx<Lambda>,
    req: DeleteFunctionEventInvokeConfigRequest,
) -> Result<DeleteFunctionEventInvokeConfigResponse, Error> {
    let place =
        locate(cx, "DeleteFunctionEventInvokeConfig", &req.function_name, req.qualifier.as_deref()).await?;
    let mut tx = place.begin(&cx.host);
    let qualifier = place.qualifier.as_deref().unwrap_or(LATEST);
    let function: Option<Function> = tx.get(&function_key(&place.name)).await?;
    let Some(mut function) = function.filter(|function| function.events.contains_key(qualifier)) else {
        return Err(Error::NoEventInvokeConfig(place.qualified(qualifier)));
    };
    function.events.remove(qualifier);
    tx.put(&function)?;
    tx.commit().await?;
    Ok(DeleteFunctionEventInvokeConfigResponse::default())
}
