//! https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html
//!
//! One alias.

use kernel::Ctx;

use crate::Lambda;
use crate::aliases;
use crate::error::Error;
use crate::functions;
use crate::generated::{AliasConfiguration, GetAliasRequest};
use crate::place::locate;
use crate::tables::{Alias, alias_key};

pub(crate) async fn get_alias(cx: &Ctx<Lambda>, req: GetAliasRequest) -> Result<AliasConfiguration, Error> {
    let place = locate(cx, "GetAlias", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    functions::get(&mut tx, &place).await?;
    let alias: Option<Alias> = tx.peek(&alias_key(&place.name, &req.name)).await?;
    let alias = alias.ok_or_else(|| Error::AliasNotFound(place.qualified(&req.name)))?;
    Ok(aliases::show(&place, alias))
}
