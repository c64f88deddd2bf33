//! https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
//!
//! Configuration, address of the code, tags and reserved concurrency of a function, a version or an alias.

use kernel::Ctx;

use crate::Lambda;
use crate::code;
use crate::configuration::Shown;
use crate::error::Error;
use crate::functions;
use crate::generated::{Concurrency, FunctionCodeLocation, GetFunctionRequest, GetFunctionResponse};
use crate::place::locate;

pub(crate) async fn get_function(
    cx: &Ctx<Lambda>,
    req: GetFunctionRequest,
) -> Result<GetFunctionResponse, Error> {
    let place = locate(cx, "GetFunction", &req.function_name, req.qualifier.as_deref()).await?;
    let (function, configuration, version) = functions::find(&place.begin(&cx.host), &place).await?;
    let location = code::download_url(cx, &configuration.code).await?;
    Ok(GetFunctionResponse {
        configuration: Some(configuration.show(&place, &version, place.qualifier.as_deref(), Shown::Whole)),
        code: Some(FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: Some(location),
            ..FunctionCodeLocation::default()
        }),
        tags: (!function.tags.is_empty()).then_some(function.tags),
        tags_error: None,
        concurrency: function
            .reserved_concurrency
            .map(|reserved| Concurrency { reserved_concurrent_executions: Some(reserved.into()) }),
    })
}
