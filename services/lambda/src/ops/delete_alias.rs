//! https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html
//!
//! Removes an alias; one that is not there is no error.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions;
use crate::generated::{DeleteAliasRequest, DeleteAliasResponse};
use crate::place::locate;
use crate::tables::{Alias, alias_key};

pub(crate) async fn delete_alias(
    cx: &Ctx<Lambda>,
    req: DeleteAliasRequest,
) -> Result<DeleteAliasResponse, Error> {
    let place = locate(cx, "DeleteAlias", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    let key = alias_key(&place.name, &req.name);
    if tx.get::<Alias>(&key).await?.is_some() {
        tx.delete::<Alias>(&key);
        if function.events.remove(&req.name).is_some() {
            tx.put(&function)?;
        }
        tx.commit().await?;
    }
    Ok(DeleteAliasResponse::default())
}
