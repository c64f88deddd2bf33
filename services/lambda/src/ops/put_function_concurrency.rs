//! https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
//!
//! Reserves concurrency for a function; zero stops it.

use kernel::Ctx;

use crate::Lambda;
use crate::error::{Error, invalid};
use crate::functions;
use crate::generated::{Concurrency, PutFunctionConcurrencyRequest};
use crate::place::{LATEST, locate};

/// What must stay for functions without a reservation (AWS: Understanding Lambda function scaling), in parts of the account's limit.
const UNRESERVED_SHARE: i64 = 10;
/// What must stay at most.
const UNRESERVED_MAX: i64 = 100;

pub(crate) async fn put_function_concurrency(
    cx: &Ctx<Lambda>,
    req: PutFunctionConcurrencyRequest,
) -> Result<Concurrency, Error> {
    let place = locate(cx, "PutFunctionConcurrency", &req.function_name, None).await?;
    if place.qualifier.is_some() {
        return Err(invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN.",
        ));
    }
    let mut tx = place.begin(&cx.host);
    let mut function = match functions::get(&mut tx, &place).await {
        Err(Error::FunctionNotFound(_)) => return Err(Error::FunctionNotFound(place.qualified(LATEST))),
        other => other?,
    };
    let reserved = req.reserved_concurrent_executions;
    let limit = i64::from(cx.host.rooms().compute.concurrency(&place.account, &place.region).1);
    let others =
        functions::account(&tx).await?.reserved - i64::from(function.reserved_concurrency.unwrap_or(0));
    let least = UNRESERVED_MAX.min(limit / UNRESERVED_SHARE);
    if reserved > 0 && limit - others - reserved < least {
        let text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution";
        return Err(invalid(format!("{text} below its minimum value of [{least}].")));
    }
    function.reserved_concurrency = u32::try_from(reserved).ok();
    tx.put(&function)?;
    tx.commit().await?;
    Ok(Concurrency { reserved_concurrent_executions: Some(reserved) })
}
