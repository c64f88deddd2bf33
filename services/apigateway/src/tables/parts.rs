//! What an API has besides its resources: models, authorizers, request validators and gateway responses.
//!
//! Each is known by a name or an id within its API. What a method refers to is read by key when the method is written, and what is
//! removed reads the methods by key, so that none of them is left pointing at nothing.

use kernel::{Key, Record, Tx};
use plan::definition::{
    AuthorizerDefinition, GatewayResponseDefinition, ModelDefinition, ValidatorDefinition,
};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Most records of one kind in an API (AWS: 10 authorizers unless raised).
pub(crate) const PARTS_MAX: usize = 1_000;

/// A model, known by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelRecord {
    pub(crate) api_id: String,
    pub(crate) model: ModelDefinition,
}

impl Record for ModelRecord {
    const TABLE: &'static str = "models";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.model.name)
    }
}

/// An authorizer, known by its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorizerRecord {
    pub(crate) api_id: String,
    pub(crate) authorizer: AuthorizerDefinition,
}

impl Record for AuthorizerRecord {
    const TABLE: &'static str = "authorizers";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.authorizer.id)
    }
}

/// A request validator, known by its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ValidatorRecord {
    pub(crate) api_id: String,
    pub(crate) validator: ValidatorDefinition,
}

impl Record for ValidatorRecord {
    const TABLE: &'static str = "request-validators";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.validator.id)
    }
}

/// A customised gateway response, known by its type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayResponseRecord {
    pub(crate) api_id: String,
    /// Such as `DEFAULT_4XX`.
    pub(crate) kind: String,
    pub(crate) response: GatewayResponseDefinition,
}

impl Record for GatewayResponseRecord {
    const TABLE: &'static str = "gateway-responses";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.kind)
    }
}

/// One record of an API.
pub(crate) async fn part<R: Record>(tx: &mut Tx, api_id: &str, id: &str) -> Result<Option<R>, Error> {
    Ok(tx.get(&part_key(api_id, id)).await?)
}

/// All records of one kind of an API, in the order of their keys.
pub(crate) async fn parts<R: Record>(tx: &Tx, api_id: &str) -> Result<Vec<R>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, PARTS_MAX + 1).await?)
}

/// Removes all records of one kind of an API, each read by key before it goes.
pub(crate) async fn remove_parts<R: Record>(tx: &mut Tx, api_id: &str) -> Result<(), Error> {
    for record in parts::<R>(tx, api_id).await? {
        tx.get::<R>(&record.key()).await?;
        tx.delete::<R>(&record.key());
    }
    Ok(())
}

/// An error if an API has no room for one more record of a kind, which `what` names.
pub(crate) async fn room_for<R: Record>(tx: &Tx, api_id: &str, what: &'static str) -> Result<(), Error> {
    if parts::<R>(tx, api_id).await?.len() >= PARTS_MAX { Err(Error::TooMany(what)) } else { Ok(()) }
}

fn part_key(api_id: &str, id: &str) -> Key {
    Key::new().text(api_id).text(id)
}
