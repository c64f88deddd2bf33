//! Stages: made from a request, patched, shown.
//!
//! A patch that AWS does not know it takes for a method setting, and its texts say so.

use plan::definition::Strings;

use crate::api::seconds;
use crate::canary;
use crate::error::Error;
use crate::generated::{AccessLogSettings, CreateStageRequest, Stage};
use crate::method_settings;
use crate::patch::{Op, Patch};
use crate::tables::StageRecord;

/// The paths as AWS lists them, commas missing where AWS forgot them.
pub(crate) const PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled";

/// Sizes of a cache in the order of AWS's validation text.
pub(crate) const CACHE_SIZES_SAID: &[&str] = &["58.2", "13.5", "28.4", "237", "0.5", "118", "6.1", "1.6"];

/// Sizes of a cache in GB, the first by default.
const CACHE_SIZES: &[&str] = &["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"];

impl StageRecord {
    /// The stage that a request asks for; whether its deployment exists is the caller's to know.
    pub(crate) fn from_request(req: CreateStageRequest, now_ms: i64) -> Result<StageRecord, Error> {
        check_name(&req.stage_name)?;
        let canary = req.canary_settings.map(|settings| canary::from_request(settings, &req.deployment_id));
        Ok(StageRecord {
            canary: canary.transpose()?,
            documentation_version: req.documentation_version.filter(|version| !version.is_empty()),
            has_cache_cluster: req.cache_cluster_enabled.unwrap_or_default(),
            cache_cluster_size: req.cache_cluster_size.filter(|size| !size.is_empty()),
            api_id: req.rest_api_id,
            name: req.stage_name,
            deployment_id: req.deployment_id,
            description: req.description.filter(|text| !text.is_empty()),
            variables: checked_variables(req.variables.unwrap_or_default())?,
            tracing_enabled: req.tracing_enabled.unwrap_or_default(),
            tags: crate::tags::checked(req.tags.unwrap_or_default())?,
            created_ms: now_ms,
            updated_ms: now_ms,
            ..StageRecord::default()
        })
    }

    /// The stage as a client sees it.
    pub(crate) fn shown(&self) -> Stage {
        let logs = AccessLogSettings {
            format: self.log_format.clone(),
            destination_arn: self.log_destination.clone(),
        };
        Stage {
            deployment_id: Some(self.deployment_id.clone()),
            stage_name: Some(self.name.clone()),
            description: self.description.clone(),
            client_certificate_id: self.client_certificate_id.clone(),
            cache_cluster_enabled: Some(self.has_cache_cluster),
            cache_cluster_size: self.cache_size().or_else(|| self.cache_cluster_size.clone()),
            cache_cluster_status: Some(
                if self.has_cache_cluster { "AVAILABLE" } else { "NOT_AVAILABLE" }.to_owned(),
            ),
            canary_settings: self.canary.as_ref().map(canary::shown),
            documentation_version: self.documentation_version.clone(),
            method_settings: Some(method_settings::shown(&self.method_settings)),
            variables: (!self.variables.is_empty()).then(|| self.variables.clone()),
            access_log_settings: (logs != AccessLogSettings::default()).then_some(logs),
            tracing_enabled: Some(self.tracing_enabled),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
            created_date: Some(seconds(self.created_ms)),
            last_updated_date: Some(seconds(self.updated_ms)),
            ..Stage::default()
        }
    }

    /// The size of the stage's cache in GB, if it has one.
    pub(crate) fn cache_size(&self) -> Option<String> {
        let size = || self.cache_cluster_size.clone().unwrap_or_else(|| CACHE_SIZES[0].to_owned());
        self.has_cache_cluster.then(size)
    }

    /// The deployments that the stage answers with.
    pub(crate) fn deployments(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.deployment_id).chain(self.canary.as_ref().map(|canary| &canary.deployment_id))
    }

    /// Does what the patches say; whether a new deployment exists is the caller's to know.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        patches.iter().try_for_each(|patch| match patch.op {
            Op::Replace => self.replace(patch),
            Op::Remove => self.remove(patch),
            Op::Add => self.add(patch),
            Op::Copy => canary::copy(self, patch),
            Op::Other(_) => Err(Error::PatchOp("add, remove, replace, copy".to_owned())),
        })
    }

    fn replace(&mut self, patch: &Patch) -> Result<(), Error> {
        let parts: Vec<&str> = patch.parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["deploymentId"] => self.deployment_id = patch.text().to_owned(),
            ["description"] => self.description = patch.filled(),
            ["tracingEnabled"] => self.tracing_enabled = patch.flag(),
            ["variables", name] if !name.is_empty() => {
                check_variable(name, patch.text())?;
                self.variables.insert(name.to_owned(), patch.text().to_owned());
            }
            ["accessLogSettings", "destinationArn" | "format"] => self.replace_log(patch)?,
            ["cacheClusterEnabled"] => self.has_cache_cluster = patch.flag(),
            ["cacheClusterSize"] => self.cache_cluster_size = cache_size(patch)?,
            ["clientCertificateId"] => self.client_certificate_id = patch.filled(),
            ["documentationVersion"] => self.documentation_version = patch.filled(),
            ["canarySettings", ..] if canary::replace(self, patch)? => {}
            _ if method_settings::is_setting(patch) => {
                method_settings::apply(&mut self.method_settings, patch)?
            }
            _ => return Err(Error::StagePath { path: patch.path.clone() }),
        }
        Ok(())
    }

    fn remove(&mut self, patch: &Patch) -> Result<(), Error> {
        let parts: Vec<&str> = patch.parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["accessLogSettings"] => (self.log_destination, self.log_format) = (None, None),
            ["accessLogSettings", "destinationArn"] => self.log_destination = None,
            ["accessLogSettings", "format"] => self.log_format = None,
            ["canarySettings", ref of @ ..] if canary::remove(self, of) => {}
            ["variables", name] if self.variables.remove(name).is_some() => {}
            _ => {
                let key = patch.path.trim_start_matches('/');
                let removed = self.method_settings.remove(key);
                return removed.map(drop).ok_or_else(|| Error::NoMethodSetting(key.to_owned()));
            }
        }
        Ok(())
    }

    fn add(&mut self, patch: &Patch) -> Result<(), Error> {
        match patch.path.as_str() {
            "/accessLogSettings/destinationArn" | "/accessLogSettings/format" => self.replace_log(patch),
            _ => Err(Error::StageAdd(patch.path.clone())),
        }
    }

    fn replace_log(&mut self, patch: &Patch) -> Result<(), Error> {
        if patch.last() == "format" {
            self.log_format = patch.filled();
            return Ok(());
        }
        if let Some(arn) = patch.filled() {
            kernel::Arn::parse(&arn).ok_or(Error::Arn)?;
        }
        self.log_destination = patch.filled();
        Ok(())
    }
}

/// True if one of the patches needs the account's role for CloudWatch Logs.
pub(crate) fn needs_logs_role(patches: &[Patch]) -> bool {
    let access =
        |patch: &Patch| patch.path == "/accessLogSettings/destinationArn" && patch.filled().is_some();
    patches.iter().any(|patch| patch.op != Op::Remove && (access(patch) || method_settings::logs(patch)))
}

/// Letters, digits, `-` and `_`, at most 128 of them.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let fits = !name.is_empty() && name.len() <= 128 && name.chars().all(is_good);
    if fits { Ok(()) } else { Err(Error::StageName) }
}

/// Checks the names and values of all variables.
pub(crate) fn checked_variables(variables: Strings) -> Result<Strings, Error> {
    variables.iter().try_for_each(|(name, value)| check_variable(name, value))?;
    Ok(variables)
}

/// Checks the name and value of a variable.
pub(crate) fn check_variable(name: &str, value: &str) -> Result<(), Error> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Error::VariableName(name.to_owned()));
    }
    // AWS: CreateStage: values must match [A-Za-z0-9-._~:/?#&=,]+. Its error text allows a space as well.
    if value.is_empty() || !value.chars().all(|c| c.is_ascii_alphanumeric() || " -._~:/?#&=,".contains(c)) {
        return Err(Error::VariableValue(value.to_owned()));
    }
    Ok(())
}

/// What `cacheClusterSize` may be replaced with; nothing takes it away.
fn cache_size(patch: &Patch) -> Result<Option<String>, Error> {
    let size = patch.filled();
    let fits = size.as_deref().is_none_or(|size| CACHE_SIZES.contains(&size));
    let options = "0.5,1.6,6.1,13.5,28.4,58.2,118,237";
    if fits { Ok(size) } else { Err(Error::Enumeration { name: "CacheClusterSize", options }) }
}

#[cfg(test)]
mod tests;
