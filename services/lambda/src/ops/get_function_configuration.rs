//! https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
//!
//! The configuration of a function, a version or an alias.

use kernel::Ctx;

use crate::Lambda;
use crate::configuration::Shown;
use crate::error::Error;
use crate::functions;
use crate::generated::{FunctionConfiguration, GetFunctionConfigurationRequest};
use crate::place::locate;

pub(crate) async fn get_function_configuration(
    cx: &Ctx<Lambda>,
    req: GetFunctionConfigurationRequest,
) -> Result<FunctionConfiguration, Error> {
    let place = locate(cx, "GetFunctionConfiguration", &req.function_name, req.qualifier.as_deref()).await?;
    let (_, configuration, version) = functions::find(&place.begin(&cx.host), &place).await?;
    Ok(configuration.show(&place, &version, place.qualifier.as_deref(), Shown::Whole))
}
