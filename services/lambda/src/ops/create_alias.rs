//! https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
//!
//! A name for a version, or for two with weights.

use kernel::Ctx;

use crate::Lambda;
use crate::aliases;
use crate::error::Error;
use crate::functions;
use crate::generated::{AliasConfiguration, CreateAliasRequest};
use crate::place::locate;
use crate::tables::{Alias, alias_key};

pub(crate) async fn create_alias(
    cx: &Ctx<Lambda>,
    req: CreateAliasRequest,
) -> Result<AliasConfiguration, Error> {
    let place = locate(cx, "CreateAlias", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    aliases::check_version(&mut tx, &place, &req.function_version).await?;
    functions::get(&mut tx, &place).await?;
    if tx.get::<Alias>(&alias_key(&place.name, &req.name)).await?.is_some() {
        return Err(Error::AliasExists(place.qualified(&req.name)));
    }
    let second = aliases::second(&mut tx, &place, &req.function_version, req.routing_config).await?;
    let alias = Alias {
        function: place.name.clone(),
        name: req.name,
        version: req.function_version,
        description: req.description.unwrap_or_default(),
        second,
        revision_id: cx.uuid(),
        policy: Vec::new(),
    };
    tx.put(&alias)?;
    tx.commit().await?;
    Ok(aliases::show(&place, alias))
}
