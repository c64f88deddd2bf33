//! Models, authorizers, request validators and gateway responses of a document.
//!
//! What has the same name keeps its id.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Record, Tx};
use plan::definition::{AuthorizerDefinition, ModelDefinition, ValidatorDefinition};

use crate::Cx;
use crate::documentation::Mode;
use crate::error::Error;
use crate::gateway_response;
use crate::model::schema;
use crate::openapi::import::Imported;
use crate::tables::{
    self, ApiRecord, AuthorizerRecord, GatewayResponseRecord, ModelRecord, PARTS_MAX, ValidatorRecord,
};

/// What methods may refer to.
pub(super) struct Known {
    /// Ids by name.
    pub(super) authorizers: BTreeMap<String, String>,
    /// Ids by name.
    pub(super) validators: BTreeMap<String, String>,
    /// Names.
    pub(super) models: BTreeSet<String>,
}

/// Writes what the document names, and removes the rest when it overwrites.
pub(super) async fn apply(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    imported: &Imported,
    mode: Mode,
    errors: &mut Vec<String>,
) -> Result<Known, Error> {
    let models = models(cx, tx, api, imported, mode, errors).await?;
    let authorizers = authorizers(cx, tx, api, imported, mode, errors).await?;
    let validators = validators(cx, tx, api, imported, mode).await?;
    gateway_responses(tx, api, imported, mode, errors).await?;
    Ok(Known { authorizers, validators, models })
}

async fn models(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    imported: &Imported,
    mode: Mode,
    errors: &mut Vec<String>,
) -> Result<BTreeSet<String>, Error> {
    let before = tables::parts::<ModelRecord>(tx, &api.id).await?;
    let mut ids: BTreeMap<String, String> =
        before.iter().map(|record| (record.model.name.clone(), record.model.id.clone())).collect();
    room(before.len() + imported.models.len(), "models")?;
    for (name, model) in &imported.models {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            errors.push(format!("Unable to create model '{name}': Model name must be alphanumeric: {name}"));
            continue;
        }
        if let Err(error) = schema::check(model.schema.as_deref().unwrap_or_default()) {
            errors.push(format!("Unable to create model '{name}': {error}"));
        }
        let id = ids.remove(name).unwrap_or_else(|| cx.new_id(6));
        tx.put(&ModelRecord { api_id: api.id.clone(), model: ModelDefinition { id, ..model.clone() } })?;
    }
    let mut names: BTreeSet<String> = imported.models.keys().cloned().collect();
    match mode {
        Mode::Merge => names.extend(ids.into_keys()),
        Mode::Overwrite => remove(tx, before, |record| !names.contains(&record.model.name)).await?,
    }
    Ok(names)
}

async fn authorizers(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    imported: &Imported,
    mode: Mode,
    errors: &mut Vec<String>,
) -> Result<BTreeMap<String, String>, Error> {
    let before = tables::parts::<AuthorizerRecord>(tx, &api.id).await?;
    let mut ids: BTreeMap<String, String> =
        before.iter().map(|record| (record.authorizer.name.clone(), record.authorizer.id.clone())).collect();
    room(before.len() + imported.authorizers.len(), "authorizers")?;
    if mode == Mode::Overwrite {
        ids.retain(|name, _| imported.authorizers.contains_key(name));
        remove(tx, before, |record| !imported.authorizers.contains_key(&record.authorizer.name)).await?;
    }
    for (name, authorizer) in &imported.authorizers {
        let checked = checked_kind(authorizer);
        if let Err(error) = checked.and_then(|()| crate::authorizer::check_whole(authorizer, cx.account())) {
            errors.push(format!("Unable to create authorizer '{name}': {error}"));
        }
        let id = ids.entry(name.clone()).or_insert_with(|| cx.new_id(6)).clone();
        let authorizer = AuthorizerDefinition { id, ..authorizer.clone() };
        tx.put(&AuthorizerRecord { api_id: api.id.clone(), authorizer })?;
    }
    Ok(ids)
}

fn checked_kind(authorizer: &AuthorizerDefinition) -> Result<(), Error> {
    match authorizer.kind.as_str() {
        "TOKEN" | "REQUEST" | "COGNITO_USER_POOLS" => Ok(()),
        _ => Err(Error::Enumeration { name: "AuthorizerType", options: "TOKEN,REQUEST,COGNITO_USER_POOLS" }),
    }
}

async fn validators(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    imported: &Imported,
    mode: Mode,
) -> Result<BTreeMap<String, String>, Error> {
    let before = tables::parts::<ValidatorRecord>(tx, &api.id).await?;
    let mut ids: BTreeMap<String, String> =
        before.iter().map(|record| (record.validator.name.clone(), record.validator.id.clone())).collect();
    room(before.len() + imported.validators.len(), "request validators")?;
    if mode == Mode::Overwrite {
        ids.retain(|name, _| imported.validators.contains_key(name));
        remove(tx, before, |record| !imported.validators.contains_key(&record.validator.name)).await?;
    }
    for (name, validator) in &imported.validators {
        let id = ids.entry(name.clone()).or_insert_with(|| cx.new_id(6)).clone();
        let validator = ValidatorDefinition { id, ..validator.clone() };
        tx.put(&ValidatorRecord { api_id: api.id.clone(), validator })?;
    }
    Ok(ids)
}

async fn gateway_responses(
    tx: &mut Tx,
    api: &ApiRecord,
    imported: &Imported,
    mode: Mode,
    errors: &mut Vec<String>,
) -> Result<(), Error> {
    let before = tables::parts::<GatewayResponseRecord>(tx, &api.id).await?;
    if mode == Mode::Overwrite {
        remove(tx, before, |record| !imported.gateway_responses.contains_key(&record.kind)).await?;
    }
    for (kind, response) in &imported.gateway_responses {
        if !gateway_response::NAMES.contains(&kind.as_str()) {
            errors.push(format!("Unable to put gateway response '{kind}': Invalid response type specified"));
        }
        if let Err(error) = gateway_response::check(response) {
            errors.push(format!("Unable to put gateway response '{kind}': {error}"));
        }
        let record =
            GatewayResponseRecord { api_id: api.id.clone(), kind: kind.clone(), response: response.clone() };
        tx.put(&record)?;
    }
    Ok(())
}

async fn remove<R: Record>(tx: &mut Tx, before: Vec<R>, goes: impl Fn(&R) -> bool) -> Result<(), Error> {
    for record in before.iter().filter(|record| goes(record)) {
        tx.get::<R>(&record.key()).await?;
        tx.delete::<R>(&record.key());
    }
    Ok(())
}

fn room(count: usize, what: &'static str) -> Result<(), Error> {
    if count > PARTS_MAX { Err(Error::TooMany(what)) } else { Ok(()) }
}
