//! https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html
//!
//! How asynchronous invocations are retried, for every qualifier of a function that has settings.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::events;
use crate::generated::{ListFunctionEventInvokeConfigsRequest, ListFunctionEventInvokeConfigsResponse};
use crate::pages::{self, Page};
use crate::place::locate;
use crate::tables::{Function, function_key};

pub(crate) async fn list_function_event_invoke_configs(
    cx: &Ctx<Lambda>,
    req: ListFunctionEventInvokeConfigsRequest,
) -> Result<ListFunctionEventInvokeConfigsResponse, Error> {
    let place = locate(cx, "ListFunctionEventInvokeConfigs", &req.function_name, None).await?;
    let function: Option<Function> = place.begin(&cx.host).peek(&function_key(&place.name)).await?;
    let function = function.ok_or(Error::NoSuchFunction)?;
    let page = Page::new(req.max_items, pages::FUNCTIONS_MAX, req.marker.as_deref())?;
    let after = |qualifier: &String| page.after.as_ref().is_none_or(|after| qualifier > after);
    let mut found: Vec<_> = function.events.into_iter().filter(|(qualifier, _)| after(qualifier)).collect();
    let next_marker = pages::cut(&mut found, page.limit, |(qualifier, _)| qualifier.clone());
    let shown = found.iter().map(|(qualifier, settings)| events::show(&place, qualifier, settings)).collect();
    Ok(ListFunctionEventInvokeConfigsResponse { function_event_invoke_configs: Some(shown), next_marker })
}
