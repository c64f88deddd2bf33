//! The records of the service and how they are loaded.
//!
//! One record per API, per resource (with its methods), per deployment and per stage. Whatever adds to or takes from an API's resources,
//! deployments or stages passes through [`touch`], so that no two such changes miss each other.

mod keys;
mod parts;

use std::collections::BTreeMap;

use kernel::{Key, Record, Tx};
use plan::definition::{CanaryDefinition, MethodSettings, ResourceDefinition, Strings};
use serde::{Deserialize, Serialize};

pub(crate) use keys::*;
pub(crate) use parts::*;

use crate::Cx;
use crate::error::Error;

/// Most APIs in an account and region.
pub(crate) const APIS_MAX: usize = 10_000;
/// Most resources in one API (AWS: 300 unless raised).
pub(crate) const RESOURCES_MAX: usize = 3_000;
/// Most deployments of one API.
pub(crate) const DEPLOYMENTS_MAX: usize = 20_000;
/// Most stages of one API (AWS: 10 unless raised).
pub(crate) const STAGES_MAX: usize = 1_000;

/// An API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ApiRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) root_resource_id: String,
    pub(crate) binary_media_types: Vec<String>,
    pub(crate) minimum_compression_size: Option<i64>,
    pub(crate) api_key_source: String,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub(crate) endpoint_type: String,
    /// `ipv4` or `dualstack`.
    pub(crate) ip_address_type: String,
    pub(crate) vpc_endpoint_ids: Vec<String>,
    /// JSON without needless white space.
    pub(crate) policy: Option<String>,
    pub(crate) disable_execute_api_endpoint: bool,
    pub(crate) tags: Strings,
    /// Counts the changes of what belongs to the API.
    pub(crate) revision: u64,
}

impl Record for ApiRecord {
    const TABLE: &'static str = "apis";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

/// A resource and its methods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ResourceRecord {
    pub(crate) api_id: String,
    pub(crate) resource: ResourceDefinition,
}

impl Record for ResourceRecord {
    const TABLE: &'static str = "resources";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.resource.id)
    }
}

/// A deployment; what it fixed is in `plan::definition::PublishedDeployment`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DeploymentRecord {
    pub(crate) api_id: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) created_ms: i64,
}

impl Record for DeploymentRecord {
    const TABLE: &'static str = "deployments";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.id)
    }
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StageRecord {
    pub(crate) api_id: String,
    pub(crate) name: String,
    pub(crate) deployment_id: String,
    pub(crate) description: Option<String>,
    pub(crate) variables: Strings,
    /// By `*/*` or `{resource path}/{METHOD}` as the client wrote it, `~1` for slashes.
    pub(crate) method_settings: BTreeMap<String, MethodSettings>,
    pub(crate) tracing_enabled: bool,
    pub(crate) log_destination: Option<String>,
    pub(crate) log_format: Option<String>,
    pub(crate) canary: Option<CanaryDefinition>,
    pub(crate) has_cache_cluster: bool,
    /// In GB, such as `0.5`; kept while there is no cluster.
    pub(crate) cache_cluster_size: Option<String>,
    pub(crate) cache_epoch: u64,
    pub(crate) authorizer_epoch: u64,
    pub(crate) client_certificate_id: Option<String>,
    pub(crate) documentation_version: Option<String>,
    pub(crate) tags: Strings,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
}

impl Record for StageRecord {
    const TABLE: &'static str = "stages";
    fn key(&self) -> Key {
        part_key(&self.api_id, &self.name)
    }
}

/// The settings of an account in a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AccountRecord {
    pub(crate) cloudwatch_role_arn: Option<String>,
}

impl Record for AccountRecord {
    const TABLE: &'static str = "account";
    fn key(&self) -> Key {
        account_key()
    }
}

/// Key of the one account record.
pub(crate) fn account_key() -> Key {
    Key::new().text("settings")
}

fn part_key(api_id: &str, id: &str) -> Key {
    Key::new().text(api_id).text(id)
}

/// The API `id`, or an error that names it.
pub(crate) async fn api(cx: &Cx, tx: &mut Tx, id: &str) -> Result<ApiRecord, Error> {
    let found = tx.get(&Key::new().text(id)).await?;
    found.ok_or_else(|| Error::NoApi { account: cx.account().to_owned(), id: id.to_owned() })
}

/// Notes in the API's record that something of it changes in this transaction.
pub(crate) fn touch(tx: &mut Tx, api: &mut ApiRecord) -> Result<(), Error> {
    api.revision += 1;
    Ok(tx.put(api)?)
}

/// One resource. AWS looks nowhere else, so a wrong API is answered as a wrong resource.
pub(crate) async fn resource(tx: &mut Tx, api_id: &str, id: &str) -> Result<ResourceRecord, Error> {
    tx.get(&part_key(api_id, id)).await?.ok_or(Error::NoResource)
}

/// All resources of an API.
pub(crate) async fn resources(tx: &Tx, api_id: &str) -> Result<Vec<ResourceRecord>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, RESOURCES_MAX + 1).await?)
}

/// One deployment.
pub(crate) async fn deployment(
    tx: &mut Tx,
    api_id: &str,
    id: &str,
) -> Result<Option<DeploymentRecord>, Error> {
    Ok(tx.get(&part_key(api_id, id)).await?)
}

/// All deployments of an API.
pub(crate) async fn deployments(tx: &Tx, api_id: &str) -> Result<Vec<DeploymentRecord>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, DEPLOYMENTS_MAX + 1).await?)
}

/// One stage.
pub(crate) async fn stage(tx: &mut Tx, api_id: &str, name: &str) -> Result<Option<StageRecord>, Error> {
    Ok(tx.get(&part_key(api_id, name)).await?)
}

/// All stages of an API.
pub(crate) async fn stages(tx: &Tx, api_id: &str) -> Result<Vec<StageRecord>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, STAGES_MAX + 1).await?)
}

/// The account's settings.
pub(crate) async fn account(tx: &mut Tx) -> Result<AccountRecord, Error> {
    Ok(tx.get(&account_key()).await?.unwrap_or_default())
}
