//! The configuration of one version of a function: what is stored, how it is shown, and what the fleet is given.
//!
//! `revision_id` changes with everything that is shown; `build` only with what the fleet must know, so that environments stay warm
//! when a tag or a permission changes. Known differences from AWS: `RuntimeVersionArn` is made of the runtime's name, not of an image.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::functions::{CodeRef, FunctionVersion};
use serde::{Deserialize, Serialize};

use crate::generated::{
    EnvironmentResponse, EphemeralStorage, FunctionConfiguration, Layer, LoggingConfig, RuntimeVersionConfig,
    SnapStartResponse, TracingConfigResponse,
};
use crate::place::Place;
use crate::tables::Function;

const BEING_CREATED: &str = "The function is being created.";

/// Code and settings of a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub runtime: String,
    pub role: String,
    pub handler: String,
    pub description: String,
    pub timeout_s: i64,
    pub memory_mb: i64,
    pub ephemeral_mb: i64,
    pub environment: Option<BTreeMap<String, String>>,
    pub architecture: String,
    pub logging: Logging,
    /// `PassThrough` or `Active`.
    pub tracing: String,
    pub code: Code,
    pub layers: Vec<UsedLayer>,
    pub modified_ms: i64,
    pub revision_id: String,
    pub build: String,
    pub state: State,
    pub update: Update,
}

/// A deployment package in the blob store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Code {
    pub blob: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// Bytes of all files when unpacked.
    pub unzipped: u64,
}

/// A version of a layer that a function has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UsedLayer {
    pub arn: String,
    pub code: Code,
}

/// Where and how a function logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Logging {
    pub group: String,
    /// `JSON` instead of `Text`, with this `ApplicationLogLevel`.
    pub json_level: Option<String>,
}

/// Whether a version can be invoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    Pending,
    Active,
    Failed { code: String, reason: String },
}

/// How the last change of code or configuration went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Update {
    InProgress,
    Successful,
    Failed { code: String, reason: String },
}

/// In which answer a configuration is shown.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shown {
    /// CreateFunction: nothing yet of how an update went.
    Created,
    /// Whole.
    Whole,
    /// In a list: without states and the runtime's version.
    Listed,
}

impl Configuration {
    /// True while its code is being made ready.
    pub fn is_preparing(&self) -> bool {
        self.state == State::Pending || self.update == Update::InProgress
    }

    /// As AWS shows it. `qualifier` goes into the ARN.
    pub fn show(
        &self,
        place: &Place,
        version: &str,
        qualifier: Option<&str>,
        shown: Shown,
    ) -> FunctionConfiguration {
        let mut out = FunctionConfiguration {
            function_name: Some(place.name.clone()),
            function_arn: Some(qualifier.map_or_else(|| place.arn(), |qualifier| place.qualified(qualifier))),
            runtime: Some(self.runtime.clone()),
            role: Some(self.role.clone()),
            handler: Some(self.handler.clone()),
            code_size: i64::try_from(self.code.bytes).ok(),
            description: Some(self.description.clone()),
            timeout: Some(self.timeout_s),
            memory_size: Some(self.memory_mb),
            last_modified: Some(format_date(self.modified_ms)),
            code_sha256: Some(self.code.sha256_base64()),
            version: Some(version.to_owned()),
            environment: self
                .environment
                .clone()
                .map(|variables| EnvironmentResponse { variables: Some(variables), error: None }),
            tracing_config: Some(TracingConfigResponse { mode: Some(self.tracing.clone()) }),
            revision_id: Some(self.revision_id.clone()),
            package_type: Some("Zip".to_owned()),
            architectures: Some(vec![self.architecture.clone()]),
            ephemeral_storage: Some(EphemeralStorage { size: self.ephemeral_mb }),
            snap_start: Some(SnapStartResponse {
                apply_on: Some("None".to_owned()),
                optimization_status: Some("Off".to_owned()),
            }),
            logging_config: Some(self.logging.show()),
            layers: (!self.layers.is_empty()).then(|| self.layers.iter().map(UsedLayer::show).collect()),
            ..FunctionConfiguration::default()
        };
        if shown != Shown::Listed {
            out.runtime_version_config = Some(RuntimeVersionConfig {
                runtime_version_arn: Some(runtime_version_arn(&place.region, &self.runtime)),
                error: None,
            });
            let (state, code, reason) = match &self.state {
                State::Pending => ("Pending", Some("Creating"), Some(BEING_CREATED)),
                State::Active => ("Active", None, None),
                State::Failed { code, reason } => ("Failed", Some(code.as_str()), Some(reason.as_str())),
            };
            out.state = Some(state.to_owned());
            out.state_reason_code = code.map(str::to_owned);
            out.state_reason = reason.map(str::to_owned);
        }
        if shown == Shown::Whole {
            let (status, code, reason) = match &self.update {
                Update::InProgress => ("InProgress", Some("Creating"), Some(BEING_CREATED)),
                Update::Successful => ("Successful", None, None),
                Update::Failed { code, reason } => ("Failed", Some(code.as_str()), Some(reason.as_str())),
            };
            out.last_update_status = Some(status.to_owned());
            out.last_update_status_reason_code = code.map(str::to_owned);
            out.last_update_status_reason = reason.map(str::to_owned);
        }
        out
    }

    /// What the fleet needs to run it as `version`.
    pub fn for_fleet(&self, function: &Function, place: &Place, version: &str) -> Arc<FunctionVersion> {
        Arc::new(FunctionVersion {
            arn: place.arn(),
            account: place.account.clone(),
            region: place.region.clone(),
            name: place.name.clone(),
            version: version.to_owned(),
            revision: self.build.clone(),
            runtime: self.runtime.clone(),
            handler: self.handler.clone(),
            role: self.role.clone(),
            timeout_ms: u64::try_from(self.timeout_s).unwrap_or(0) * 1000,
            memory_mb: u32::try_from(self.memory_mb).unwrap_or(u32::MAX),
            ephemeral_mb: u32::try_from(self.ephemeral_mb).unwrap_or(u32::MAX),
            environment: self.environment.clone().unwrap_or_default().into_iter().collect(),
            code: self.code.for_fleet(),
            layers: self.layers.iter().map(|layer| layer.code.for_fleet()).collect(),
            log_group: self.logging.group.clone(),
            logs_json: self.logging.json_level.is_some(),
            log_level: self.logging.json_level.clone(),
            reserved_concurrency: function.reserved_concurrency,
            architecture: self.architecture.clone(),
        })
    }
}

impl UsedLayer {
    fn show(&self) -> Layer {
        Layer {
            arn: Some(self.arn.clone()),
            code_size: i64::try_from(self.code.bytes).ok(),
            ..Layer::default()
        }
    }
}

impl Code {
    fn for_fleet(&self) -> CodeRef {
        CodeRef { blob: self.blob.clone(), sha256: self.sha256.clone() }
    }

    /// The form in which AWS shows it.
    pub fn sha256_base64(&self) -> String {
        let hex = self.sha256.as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0);
        let bytes: Vec<u8> = hex
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |sum, &byte| sum * 16 + digit(byte)) as u8)
            .collect();
        BASE64_STANDARD.encode(bytes)
    }
}

impl Logging {
    fn show(&self) -> LoggingConfig {
        let format = if self.json_level.is_some() { "JSON" } else { "Text" };
        LoggingConfig {
            log_format: Some(format.to_owned()),
            application_log_level: self.json_level.clone(),
            system_log_level: self.json_level.is_some().then(|| "INFO".to_owned()),
            log_group: Some(self.group.clone()),
        }
    }
}

/// `2024-01-01T00:00:00.000+0000`.
pub(crate) fn format_date(ms: i64) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(u32::from(half), 16))
        .collect()
}

fn runtime_version_arn(region: &str, runtime: &str) -> String {
    format!("arn:aws:lambda:{region}::runtime:{}", hex(digest(&SHA256, runtime.as_bytes()).as_ref()))
}

#[cfg(test)]
mod tests;
