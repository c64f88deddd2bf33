//! https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
//!
//! The reserved concurrency of a function; nothing if there is none.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions;
use crate::generated::{GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse};
use crate::place::locate;

pub(crate) async fn get_function_concurrency(
    cx: &Ctx<Lambda>,
    req: GetFunctionConcurrencyRequest,
) -> Result<GetFunctionConcurrencyResponse, Error> {
    let place = locate(cx, "GetFunctionConcurrency", &req.function_name, None).await?;
    let function = functions::get(&mut place.begin(&cx.host), &place).await?;
    Ok(GetFunctionConcurrencyResponse {
        reserved_concurrent_executions: function.reserved_concurrency.map(i64::from),
    })
}
