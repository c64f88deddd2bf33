//! Method settings of a stage: by `*/*` or `{resource path}/{METHOD}`, `~1` for the path's slashes.
//!
//! The first setting of a method brings the others along: those of `*/*` as they are then, or else AWS's defaults.

use std::collections::BTreeMap;

use plan::definition::MethodSettings;

use crate::error::Error;
use crate::generated::MethodSetting;
use crate::patch::Patch;

/// AWS's defaults, as it shows them beside the one that was set.
fn defaults() -> MethodSettings {
    MethodSettings {
        throttling_rate_limit: Some(10_000.0),
        throttling_burst_limit: Some(5_000),
        data_trace_enabled: Some(false),
        metrics_enabled: Some(false),
        caching_enabled: Some(false),
        cache_ttl_seconds: Some(300),
        cache_data_encrypted: Some(false),
        require_authorization_for_cache_control: Some(true),
        unauthorized_cache_control_header_strategy: Some("SUCCEED_WITH_RESPONSE_HEADER".to_owned()),
        logging_level: None,
    }
}

/// The settings as a client sees them.
pub(crate) fn shown(settings: &BTreeMap<String, MethodSettings>) -> BTreeMap<String, MethodSetting> {
    let all = settings.iter().map(|(key, settings)| {
        let shown = MethodSetting {
            metrics_enabled: settings.metrics_enabled,
            logging_level: settings.logging_level.clone(),
            data_trace_enabled: settings.data_trace_enabled,
            throttling_burst_limit: settings.throttling_burst_limit,
            throttling_rate_limit: settings.throttling_rate_limit,
            caching_enabled: settings.caching_enabled,
            cache_ttl_in_seconds: settings.cache_ttl_seconds,
            cache_data_encrypted: settings.cache_data_encrypted,
            require_authorization_for_cache_control: settings.require_authorization_for_cache_control,
            unauthorized_cache_control_header_strategy: settings
                .unauthorized_cache_control_header_strategy
                .clone(),
        };
        (key.clone(), shown)
    });
    all.collect()
}

/// The settings as the data plane looks them up: `*/*`, or a whole path, such as `/users/{id}`, and `/GET`.
pub(crate) fn published(settings: &BTreeMap<String, MethodSettings>) -> BTreeMap<String, MethodSettings> {
    let all = settings.iter().map(|(key, settings)| {
        let (path, method) = key.rsplit_once('/').unwrap_or((key, "*"));
        let path = path.replace("~1", "/");
        let key = if path == "*" {
            format!("*/{method}")
        } else {
            format!("/{}/{method}", path.trim_start_matches('/'))
        };
        (key, settings.clone())
    });
    all.collect()
}

/// True for a path that names a setting: `/{path}/{METHOD}/{group}/{setting}`, or `/throttling/{setting}` for all methods.
pub(crate) fn is_setting(patch: &Patch) -> bool {
    split(patch).is_some_and(|(_, setting)| SETTINGS.contains(&setting.as_str()))
}

/// Sets what the patch names, which [`is_setting`].
pub(crate) fn apply(settings: &mut BTreeMap<String, MethodSettings>, patch: &Patch) -> Result<(), Error> {
    let Some((key, setting)) = split(patch) else { return Ok(()) };
    let mut base = settings.get("*/*").cloned().unwrap_or_else(defaults);
    // AWS: caching all methods means all `GET` methods; another one is cached only if somebody says so for itself.
    if key != "*/*" && !key.ends_with("/GET") {
        base.caching_enabled = Some(false);
    }
    let row = settings.entry(key).or_insert(base);
    let flag = Some(patch.flag());
    match setting.as_str() {
        "throttling/rateLimit" => {
            let rate = patch.text().parse::<f64>().ok().filter(|rate| rate.is_finite());
            row.throttling_rate_limit = Some(rate.ok_or_else(|| patch.misfit("a number is expected"))?);
        }
        "throttling/burstLimit" => row.throttling_burst_limit = Some(integer(patch)?),
        "metrics/enabled" => row.metrics_enabled = flag,
        "logging/dataTrace" => row.data_trace_enabled = flag,
        "logging/loglevel" => match patch.text() {
            level @ ("OFF" | "ERROR" | "INFO") => row.logging_level = Some(level.to_owned()),
            _ => return Err(patch.misfit("OFF, ERROR or INFO is expected")),
        },
        "caching/enabled" => row.caching_enabled = flag,
        "caching/dataEncrypted" => row.cache_data_encrypted = flag,
        "caching/ttlInSeconds" => {
            let seconds = integer(patch)?;
            // AWS: Cache settings for REST APIs: at most 3600; 0 disables.
            if !(0..=3600).contains(&seconds) {
                return Err(patch.misfit("0 to 3600 seconds are expected"));
            }
            row.cache_ttl_seconds = Some(seconds);
        }
        "caching/requireAuthorizationForCacheControl" => row.require_authorization_for_cache_control = flag,
        _ => match patch.text() {
            strategy @ ("FAIL_WITH_403"
            | "SUCCEED_WITH_RESPONSE_HEADER"
            | "SUCCEED_WITHOUT_RESPONSE_HEADER") => {
                row.unauthorized_cache_control_header_strategy = Some(strategy.to_owned());
            }
            _ => return Err(patch.misfit("one of the three strategies is expected")),
        },
    }
    Ok(())
}

/// True if the patch makes a stage write to CloudWatch Logs.
pub(crate) fn logs(patch: &Patch) -> bool {
    patch.parts.get(3).is_some_and(|last| last == "loglevel") && matches!(patch.text(), "ERROR" | "INFO")
}

const SETTINGS: [&str; 10] = [
    "metrics/enabled",
    "logging/dataTrace",
    "logging/loglevel",
    "throttling/burstLimit",
    "throttling/rateLimit",
    "caching/enabled",
    "caching/dataEncrypted",
    "caching/ttlInSeconds",
    "caching/requireAuthorizationForCacheControl",
    "caching/unauthorizedCacheControlHeaderStrategy",
];

fn split(patch: &Patch) -> Option<(String, String)> {
    let mut parts = patch.path.strip_prefix('/')?.split('/');
    let given = [(); 5].map(|()| parts.next());
    match given {
        // Known users write it so; AWS's own form is `/*/*/throttling/…`.
        [Some("throttling"), Some(setting), None, ..] => {
            Some(("*/*".to_owned(), format!("throttling/{setting}")))
        }
        [Some(path), Some(method), Some(group), Some(setting), None]
            if !path.is_empty() && !method.is_empty() =>
        {
            Some((format!("{path}/{method}"), format!("{group}/{setting}")))
        }
        _ => None,
    }
}

fn integer(patch: &Patch) -> Result<i64, Error> {
    patch.text().parse().map_err(|_| patch.misfit("an integer is expected"))
}
