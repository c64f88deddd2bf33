//! What a method refers to: models, an authorizer, a request validator. All of them are there when a method is written, and stay.
//!
//! They are read by key, so the commit depends on them. Whoever removes one reads the API and every resource by key before.

use kernel::{Record, Tx};
use plan::definition::MethodDefinition;

use crate::Cx;
use crate::error::Error;
use crate::tables::{self, AuthorizerRecord, ModelRecord, ResourceRecord, ValidatorRecord};

/// Checks everything that a method of the API refers to; an authorizer that its type has no use for is forgotten.
pub(crate) async fn check(tx: &mut Tx, api_id: &str, method: &mut MethodDefinition) -> Result<(), Error> {
    check_authorizer(tx, api_id, method).await?;
    if let Some(id) = &method.request_validator_id {
        let found = tables::part::<ValidatorRecord>(tx, api_id, id).await?;
        found.ok_or(Error::Validator)?;
    }
    check_models(tx, api_id, method.request_models.values()).await
}

/// Checks that the models are there.
pub(crate) async fn check_models<'a>(
    tx: &mut Tx,
    api_id: &str,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Error> {
    for name in names {
        let found = tables::part::<ModelRecord>(tx, api_id, name).await?;
        found.ok_or_else(|| Error::Model(name.clone()))?;
    }
    Ok(())
}

/// All resources of an API, such that the commit depends on them and on there being no others.
pub(crate) async fn resources(cx: &Cx, tx: &mut Tx, api_id: &str) -> Result<Vec<ResourceRecord>, Error> {
    tables::api(cx, tx, api_id).await?;
    let mut resources = Vec::new();
    for record in tables::resources(tx, api_id).await? {
        resources.extend(tx.get::<ResourceRecord>(&record.key()).await?);
    }
    Ok(resources)
}

async fn check_authorizer(tx: &mut Tx, api_id: &str, method: &mut MethodDefinition) -> Result<(), Error> {
    let kinds: &[&str] = match method.authorization_type.as_str() {
        "CUSTOM" => &["TOKEN", "REQUEST"],
        "COGNITO_USER_POOLS" => &["COGNITO_USER_POOLS"],
        _ => {
            method.authorizer_id = None;
            return Ok(());
        }
    };
    let id = method.authorizer_id.as_deref().ok_or(Error::Authorizer)?;
    let found = tables::part::<AuthorizerRecord>(tx, api_id, id).await?.ok_or(Error::Authorizer)?;
    if kinds.contains(&found.authorizer.kind.as_str()) { Ok(()) } else { Err(Error::Authorizer) }
}
