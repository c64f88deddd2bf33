//! What AWS checks of a function's settings beyond its model, in AWS's words, and what is refused because it would have no effect.
//!
//! Known differences from AWS: settings that need a service which is not there yet (VPC, file systems, SnapStart, container images,
//! customer keys, dead-letter targets) are refused by name. `TracingConfig: Active` is stored and shown; nothing traces yet.

use std::collections::BTreeMap;

use crate::configuration::Logging;
use crate::error::{Error, invalid};
use crate::generated as api;

/// Names that Lambda sets itself (AWS: Defined runtime environment variables).
const RESERVED_VARIABLES: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Most bytes of all environment variables as JSON (AWS: Lambda quotas, 4 KB).
const ENVIRONMENT_BYTES_MAX: usize = 4096;
/// Longest timeout of a function, seconds (AWS: Lambda quotas; the model's higher limit is for other kinds of functions).
const TIMEOUT_S_MAX: i64 = 900;
/// Most memory of a function, MB (AWS: Lambda quotas).
const MEMORY_MB_MAX: i64 = 10_240;
/// Most tags of a function.
pub(crate) const TAGS_MAX: usize = 50;

/// The settings that CreateFunction and UpdateFunctionConfiguration have in common and that need no storing.
#[derive(Default)]
pub(crate) struct Extras {
    pub vpc: Option<api::VpcConfig>,
    pub dead_letter: Option<api::DeadLetterConfig>,
    pub kms_key: Option<String>,
    pub file_systems: Option<Vec<api::FileSystemConfig>>,
    pub image: Option<api::ImageConfig>,
    pub snap_start: Option<api::SnapStart>,
    pub is_capacity_provided: bool,
    pub is_durable: bool,
    pub is_runtime_pinned: bool,
    pub is_accelerated: bool,
}

impl Extras {
    /// Refuses what would have no effect; the empty forms that tools send are taken.
    pub fn check(&self) -> Result<(), Error> {
        let filled = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let is_filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if self.vpc.as_ref().is_some_and(|vpc| filled(&vpc.subnet_ids) || filled(&vpc.security_group_ids)) {
            return Err(Error::Unsupported("VpcConfig"));
        }
        if self.dead_letter.as_ref().is_some_and(|target| is_filled(&target.target_arn)) {
            return Err(Error::Unsupported("DeadLetterConfig"));
        }
        if is_filled(&self.kms_key) {
            return Err(Error::Unsupported("KMSKeyArn"));
        }
        if self.file_systems.as_ref().is_some_and(|list| !list.is_empty()) {
            return Err(Error::Unsupported("FileSystemConfigs"));
        }
        if self.image.as_ref().is_some_and(|image| *image != api::ImageConfig::default()) {
            return Err(Error::Unsupported("ImageConfig"));
        }
        if self
            .snap_start
            .as_ref()
            .and_then(|snap| snap.apply_on.as_deref())
            .is_some_and(|apply_on| apply_on != "None")
        {
            return Err(Error::Unsupported("SnapStart"));
        }
        let others = [
            (self.is_capacity_provided, "CapacityProviderConfig"),
            (self.is_durable, "DurableConfig"),
            (self.is_runtime_pinned, "RuntimeConfig"),
            (self.is_accelerated, "AcceleratorConfig"),
        ];
        others.iter().find(|(is_set, _)| *is_set).map_or(Ok(()), |(_, name)| Err(Error::Unsupported(name)))
    }
}

/// The quotas of ordinary functions.
pub(crate) fn check_limits(timeout_s: i64, memory_mb: i64, ephemeral_mb: i64) -> Result<(), Error> {
    let exceeded = |value: i64, member: &str, max: i64| {
        format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: Member must have value less than or equal to {max}"
        )
    };
    if timeout_s > TIMEOUT_S_MAX {
        return Err(Error::Validation(exceeded(timeout_s, "timeout", TIMEOUT_S_MAX)));
    }
    if memory_mb > MEMORY_MB_MAX {
        let text =
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to";
        return Err(invalid(format!("{text} {MEMORY_MB_MAX}")));
    }
    if ephemeral_mb > MEMORY_MB_MAX {
        return Err(Error::Validation(exceeded(ephemeral_mb, "ephemeralStorage.size", MEMORY_MB_MAX)));
    }
    Ok(())
}

/// Size and names of environment variables.
pub(crate) fn check_environment(variables: &BTreeMap<String, String>) -> Result<(), Error> {
    const UNABLE: &str = "Lambda was unable to configure your environment variables because the environment variables you have provided";
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|name| RESERVED_VARIABLES.contains(name)).collect();
    if !reserved.is_empty() {
        let text = "contains reserved keys that are currently not supported for modification. Reserved keys used in this request:";
        return Err(invalid(format!("{UNABLE} {text} {}", reserved.join(", "))));
    }
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > ENVIRONMENT_BYTES_MAX {
        return Err(invalid(format!("{UNABLE} exceeded the 4KB limit. String measured: {measured}")));
    }
    Ok(())
}

/// The runtime must be one of the model's; deprecated ones are as good as others.
pub(crate) fn check_runtime(runtime: &str) -> Result<(), Error> {
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    let text = "failed to satisfy constraint: Member must satisfy enum value set:";
    Err(invalid(format!("Value {runtime} at 'runtime' {text} [{}] or be a valid ARN", RUNTIMES.join(", "))))
}

/// A runtime that layers are asked for, if one is, must be one of the model's.
pub(crate) fn check_compatible_runtime(runtime: Option<&str>) -> Result<(), Error> {
    match runtime {
        Some(runtime) if !RUNTIMES.contains(&runtime) => {
            Err(unknown_runtime(&format!("'{runtime}' at 'compatibleRuntime'")))
        }
        _ => Ok(()),
    }
}

/// The runtimes of a layer must be the model's.
pub(crate) fn check_compatible_runtimes(runtimes: &[String]) -> Result<(), Error> {
    match runtimes.iter().all(|runtime| RUNTIMES.contains(&runtime.as_str())) {
        true => Ok(()),
        false => Err(unknown_runtime(&format!("'[{}]' at 'compatibleRuntimes'", runtimes.join(", ")))),
    }
}

fn unknown_runtime(what: &str) -> Error {
    let text = "failed to satisfy constraint: Member must satisfy enum value set:";
    Error::Validation(format!("Value {what} {text} [{}]", RUNTIMES.join(", ")))
}

/// Number of tags.
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    match tags.len() > TAGS_MAX {
        true => Err(invalid("Number of tags exceeds resource tag limit.")),
        false => Ok(()),
    }
}

/// Where and how a function logs, after a change of `before` (or of the default).
pub(crate) fn logging(
    name: &str,
    before: Option<&Logging>,
    change: Option<api::LoggingConfig>,
) -> Result<Logging, Error> {
    let default = Logging { group: format!("/aws/lambda/{name}"), json_level: None };
    let mut logging = before.cloned().unwrap_or(default);
    let Some(change) = change else { return Ok(logging) };
    if change.system_log_level.as_deref().is_some_and(|level| level != "INFO") {
        return Err(Error::Unsupported("A SystemLogLevel other than INFO"));
    }
    let is_json =
        change.log_format.as_deref().map_or(logging.json_level.is_some(), |format| format == "JSON");
    if !is_json && change.application_log_level.is_some() {
        // Inferred: AWS documents that levels need JSON, not the text of the refusal.
        return Err(invalid("ApplicationLogLevel can only be set for functions whose LogFormat is JSON."));
    }
    if let Some(group) = change.log_group {
        logging.group = group;
    }
    logging.json_level = is_json
        .then(|| change.application_log_level.or(logging.json_level).unwrap_or_else(|| "INFO".to_owned()));
    Ok(logging)
}

/// Every identifier of the model.
const RUNTIMES: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "nodejs26.x",
    "java8",
    "java8.al2",
    "java8.al2023",
    "java11",
    "java11.al2023",
    "java17",
    "java17.al2023",
    "java21",
    "java25",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "nodejs4.3-edge",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided",
    "provided.al2",
    "provided.al2023",
    "custom",
];

#[cfg(test)]
mod tests;
