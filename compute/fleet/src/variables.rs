//! The environment variables of a function's process.
//!
//! What always holds: first our defaults, then the function's own, then the reserved ones, each overriding the one before; nothing of the
//! server's own environment gets in. AWS: "Working with Lambda environment variables", defined runtime environment variables.
//!
//! Known differences from AWS: `AWS_ENDPOINT_URL` leads SDKs here; no X-Ray daemon address.

use std::ffi::OsString;

use kernel::functions::FunctionVersion;
use runtimes::registry::{Family, Runtime};

/// Keys of the execution role's session.
pub struct Credentials {
    pub access_key: String,
    pub secret: String,
    pub token: Option<String>,
}

/// What the variables are made of.
pub struct Facts<'a> {
    pub version: &'a FunctionVersion,
    pub runtime: &'a Runtime,
    pub log_stream: &'a str,
    pub credentials: &'a Credentials,
    pub endpoint_url: &'a str,
    /// `host:port` of the Runtime API, for custom runtimes.
    pub runtime_api: Option<&'a str>,
    /// Descriptor of the bootstrap's socket, for managed runtimes.
    pub bootstrap_fd: Option<i32>,
}

/// All variables, each once.
pub fn variables(facts: &Facts<'_>) -> Vec<(OsString, OsString)> {
    let mut list = Vec::new();
    let node_major = facts.runtime.version.0;
    let own = facts.version.environment.iter();
    defaults(facts.endpoint_url, facts.runtime.family, node_major, &mut list);
    list.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    reserved(facts, &mut list);
    let mut once: Vec<(OsString, OsString)> = Vec::with_capacity(list.len());
    for (name, value) in list {
        let (name, value) = (OsString::from(name), OsString::from(value));
        match once.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => once.push((name, value)),
        }
    }
    once
}

fn defaults(endpoint_url: &str, family: Family, node_major: u16, list: &mut Vec<(String, String)>) {
    let mut put = |name: &str, value: &str| list.push((name.to_owned(), value.to_owned()));
    put("AWS_ENDPOINT_URL", endpoint_url);
    put("LANG", "en_US.UTF-8");
    put("TZ", ":UTC");
    put("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin");
    put(
        "LD_LIBRARY_PATH",
        "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    );
    match family {
        Family::Node => put(
            "NODE_PATH",
            &format!(
                "/opt/nodejs/node{node_major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"
            ),
        ),
        Family::Python => put("PYTHONPATH", "/var/runtime"),
        _ => {}
    }
}

fn reserved(facts: &Facts<'_>, list: &mut Vec<(String, String)>) {
    let version = facts.version;
    let mut put = |name: &str, value: &str| list.push((name.to_owned(), value.to_owned()));
    put("_HANDLER", &version.handler);
    put("AWS_REGION", &version.region);
    put("AWS_DEFAULT_REGION", &version.region);
    if facts.runtime.family != Family::Provided {
        put("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", version.runtime));
    }
    put("AWS_LAMBDA_FUNCTION_NAME", &version.name);
    put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &version.memory_mb.to_string());
    put("AWS_LAMBDA_FUNCTION_VERSION", &version.version);
    put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    put("AWS_LAMBDA_LOG_GROUP_NAME", &version.log_group);
    put("AWS_LAMBDA_LOG_STREAM_NAME", facts.log_stream);
    put("AWS_LAMBDA_LOG_FORMAT", if version.logs_json { "JSON" } else { "Text" });
    if let Some(level) = &version.log_level {
        put("AWS_LAMBDA_LOG_LEVEL", level);
    }
    put("LAMBDA_TASK_ROOT", TASK_ROOT);
    put("LAMBDA_RUNTIME_DIR", runtimes::RUNTIME_DIR);
    put("AWS_ACCESS_KEY_ID", &facts.credentials.access_key);
    put("AWS_SECRET_ACCESS_KEY", &facts.credentials.secret);
    if let Some(token) = &facts.credentials.token {
        put("AWS_SESSION_TOKEN", token);
    }
    if let Some(address) = facts.runtime_api {
        put("AWS_LAMBDA_RUNTIME_API", address);
    }
    if let Some(fd) = facts.bootstrap_fd {
        put(runtimes::FD_VARIABLE, &fd.to_string());
    }
}

/// Where the function's code lies, as it sees it.
pub const TASK_ROOT: &str = "/var/task";
/// Where layers lie.
pub const LAYERS_ROOT: &str = "/opt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_win_and_others_can_be_set() {
        let version = FunctionVersion {
            name: "hello".to_owned(),
            runtime: "nodejs20.x".to_owned(),
            region: "eu-west-1".to_owned(),
            environment: vec![
                ("PATH".to_owned(), "/mine".to_owned()),
                ("AWS_REGION".to_owned(), "no".to_owned()),
            ],
            ..FunctionVersion::default()
        };
        let credentials = Credentials { access_key: "A".to_owned(), secret: "S".to_owned(), token: None };
        let found = variables(&Facts {
            version: &version,
            runtime: Runtime::parse("nodejs20.x").unwrap(),
            log_stream: "stream",
            credentials: &credentials,
            endpoint_url: "http://127.0.0.1:1",
            runtime_api: None,
            bootstrap_fd: Some(3),
        });
        let get = |name: &str| {
            let mut values =
                found.iter().filter(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap());
            let first = values.next();
            assert_eq!(values.next(), None, "{name} is there once");
            first
        };
        assert_eq!(get("PATH"), Some("/mine"));
        assert_eq!(get("AWS_REGION"), Some("eu-west-1"));
        assert_eq!(get("AWS_EXECUTION_ENV"), Some("AWS_Lambda_nodejs20.x"));
        assert!(get("NODE_PATH").unwrap().starts_with("/opt/nodejs/node20/node_modules:"));
        assert_eq!(get("AWS_SESSION_TOKEN"), None);
        assert_eq!(get("LOGGIA_FD"), Some("3"));
        assert_eq!(get("HOME"), None);
    }
}
