//! https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
//!
//! Deletes a function with all its versions, aliases and permissions, or one version of it.

use kernel::{Ctx, Key};

use crate::Lambda;
use crate::code;
use crate::error::{Error, invalid};
use crate::functions;
use crate::generated::{DeleteFunctionRequest, DeleteFunctionResponse};
use crate::place::{LATEST, Place, locate};
use crate::resolve::Qualifier;
use crate::tables::{Alias, Function, Published, function_key, version_key};

const LISTED_MAX: usize = 100_000;

pub(crate) async fn delete_function(
    cx: &Ctx<Lambda>,
    req: DeleteFunctionRequest,
) -> Result<DeleteFunctionResponse, Error> {
    let place = locate(cx, "DeleteFunction", &req.function_name, req.qualifier.as_deref()).await?;
    match (place.qualifier.as_deref(), Qualifier::of(place.qualifier.as_deref())) {
        (Some(LATEST), _) => {
            return Err(invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        (_, Qualifier::Alias(_)) => return Err(invalid("Deletion of aliases is not currently supported.")),
        (_, Qualifier::Number(number)) => delete_version(cx, &place, number).await?,
        (_, Qualifier::Latest) => delete_all(cx, &place).await?,
    }
    Ok(DeleteFunctionResponse { status_code: Some(204) })
}

async fn delete_all(cx: &Ctx<Lambda>, place: &Place) -> Result<(), Error> {
    let mut tx = place.begin(&cx.host);
    let function = functions::get(&mut tx, place).await?;
    let prefix = Key::new().text(&place.name);
    let mut blobs = vec![function.latest.code.blob];
    let mut versions = vec![LATEST.to_owned()];
    for version in tx.list::<Published>(&prefix, None, LISTED_MAX).await? {
        // Got, so that a version published meanwhile is a conflict.
        tx.get::<Published>(&version_key(&place.name, version.number)).await?;
        tx.delete::<Published>(&version_key(&place.name, version.number));
        blobs.push(version.configuration.code.blob);
        versions.push(version.number.to_string());
    }
    for alias in tx.list::<Alias>(&prefix, None, LISTED_MAX).await? {
        tx.delete::<Alias>(&crate::tables::alias_key(&place.name, &alias.name));
    }
    tx.delete::<Function>(&function_key(&place.name));
    tx.commit().await?;
    for version in versions {
        cx.host.rooms().compute.retire(&place.arn(), &version, None);
    }
    blobs.sort();
    blobs.dedup();
    code::let_go(&cx.host, blobs);
    Ok(())
}

/// A version that is not there is no error.
async fn delete_version(cx: &Ctx<Lambda>, place: &Place, number: u64) -> Result<(), Error> {
    let mut tx = place.begin(&cx.host);
    let unqualified = Place { qualifier: None, ..place.clone() };
    let mut function = functions::get(&mut tx, &unqualified).await?;
    let Some(version) = tx.get::<Published>(&version_key(&place.name, number)).await? else { return Ok(()) };
    let text = number.to_string();
    let aliases = tx.list::<Alias>(&Key::new().text(&place.name), None, LISTED_MAX).await?;
    let is_user = |alias: &Alias| {
        alias.version == text || alias.second.as_ref().is_some_and(|(second, _)| *second == text)
    };
    let users: Vec<String> = aliases.into_iter().filter(is_user).map(|alias| alias.name).collect();
    if !users.is_empty() {
        return Err(Error::VersionInUse(users));
    }
    tx.delete::<Published>(&version_key(&place.name, number));
    function.events.remove(&text);
    // Written again, so that an alias made meanwhile is a conflict.
    tx.put(&function)?;
    let code = &version.configuration.code;
    let is_needed = *code == function.latest.code
        || functions::is_code_published_beside(&tx, &function, code, number).await?;
    tx.commit().await?;
    cx.host.rooms().compute.retire(&place.arn(), &text, None);
    code::let_go(&cx.host, if is_needed { Vec::new() } else { vec![code.blob.clone()] });
    Ok(())
}
