//! https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
//!
//! Points an alias to another version or changes its weights.

use kernel::Ctx;

use crate::Lambda;
use crate::aliases;
use crate::error::Error;
use crate::functions;
use crate::generated::{AliasConfiguration, UpdateAliasRequest};
use crate::place::locate;
use crate::tables::{Alias, alias_key};

pub(crate) async fn update_alias(
    cx: &Ctx<Lambda>,
    req: UpdateAliasRequest,
) -> Result<AliasConfiguration, Error> {
    let place = locate(cx, "UpdateAlias", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    functions::get(&mut tx, &place).await?;
    let found: Option<Alias> = tx.get(&alias_key(&place.name, &req.name)).await?;
    let mut alias = found.ok_or_else(|| Error::AliasToUpdateNotFound(place.qualified(&req.name)))?;
    functions::check_revision(req.revision_id.as_deref(), &alias.revision_id)?;
    if let Some(version) = req.function_version {
        aliases::check_version(&mut tx, &place, &version).await?;
        alias.version = version;
    }
    if let Some(description) = req.description {
        alias.description = description;
    }
    if req.routing_config.is_some() {
        alias.second = aliases::second(&mut tx, &place, &alias.version, req.routing_config).await?;
    }
    aliases::check_pair(&alias)?;
    alias.revision_id = cx.uuid();
    tx.put(&alias)?;
    tx.commit().await?;
    Ok(aliases::show(&place, alias))
}
