//! https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html
//!
//! Removes the reservation of a function.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions;
use crate::generated::{DeleteFunctionConcurrencyRequest, DeleteFunctionConcurrencyResponse};
use crate::place::locate;

pub(crate) async fn delete_function_concurrency(
    cx: &Ctx<Lambda>,
    req: DeleteFunctionConcurrencyRequest,
) -> Result<DeleteFunctionConcurrencyResponse, Error> {
    let place = locate(cx, "DeleteFunctionConcurrency", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    if function.reserved_concurrency.take().is_some() {
        tx.put(&function)?;
        tx.commit().await?;
    }
    Ok(DeleteFunctionConcurrencyResponse::default())
}
