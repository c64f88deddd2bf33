//! Configuration: file, then environment, then flags. Everything is checked before the first socket opens; unknown keys are errors.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use edge::IamMode;
use fleet::CpuRule;
use gateway::{Settings, UnknownKeys, VpcEndpoint};
use kernel::exchange::AccountThrottle;
use serde::Deserialize;

use crate::cli::ServeFlags;

/// `loggia.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    /// How the server is reached and where it keeps its data.
    server: Server,
    /// How functions run.
    functions: Functions,
    /// How deployed APIs are served.
    apis: Apis,
    /// `[vpc_links]`: where VPC links lead: an id or a name of a link, or the ARN of its target, and the base URL behind it, such as
    /// `"a1b2c3" = "http://10.0.0.7:8080"`. Default: none; integrations through a link that is not named answer 500.
    vpc_links: BTreeMap<String, String>,
}

/// `[apis]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Apis {
    /// Requests per second that one account may make to all its APIs in a region; 0 for no limit. Default 10000. Environment:
    /// `LOGGIA_API_RATE`.
    account_rate: Option<f64>,
    /// Requests that it may make at once. Default 5000. Environment: `LOGGIA_API_BURST`.
    account_burst: Option<i64>,
    /// `"https://issuer" = "http://127.0.0.1:8080/jwks.json"`: where the keys of a token issuer are, if not at its own address. A user
    /// pool's issuer is `https://cognito-idp.{region}.amazonaws.com/{pool}`. Default: none.
    issuer_keys: BTreeMap<String, String>,
    /// The interface endpoints through which private APIs are reached. Default: none, and then no private API is.
    vpc_endpoints: Vec<Endpoint>,
}

/// `[server]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Server {
    /// Address and port. Default `127.0.0.1:4566`. Environment: `LOGGIA_LISTEN`.
    listen: Option<String>,
    /// Folder that holds everything. Default `$XDG_DATA_HOME/loggia`. Environment: `LOGGIA_DATA_DIR`.
    data_dir: Option<PathBuf>,
    /// `dev`, `enforce` or `off`. Default `dev`. Environment: `LOGGIA_IAM`.
    iam: Option<String>,
    /// Account of requests that name none, twelve digits. Default `000000000000`. Environment: `LOGGIA_ACCOUNT`.
    account: Option<String>,
    /// What to log. Default `info`. Environment: `LOGGIA_LOG`.
    log: Option<String>,
    /// Threads that serve requests. Default: as many as there are cores. Environment: `LOGGIA_THREADS`.
    threads: Option<usize>,
}

/// `[functions]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Functions {
    /// `auto`: isolate as far as the machine allows, and say what is missing; `required`: refuse to run functions without full
    /// isolation; `off`. Default `auto`. Environment: `LOGGIA_SANDBOX`.
    sandbox: Option<String>,
    /// Invocations at once in one account and region. Default 1000. Environment: `LOGGIA_CONCURRENCY`.
    concurrency: Option<u32>,
    /// `share`: idle cores may be used whole, busy ones are divided in proportion to memory; `limit`: never more than a function's memory
    /// buys on AWS (1,769 MB are one core); `free`. Default `share`. Environment: `LOGGIA_CPU`.
    cpu: Option<String>,
    /// How long an idle environment is kept, in seconds. Default 600. Environment: `LOGGIA_IDLE_SECONDS`.
    idle_seconds: Option<u64>,
}

/// `[[apis.vpc_endpoints]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    /// Such as `vpce-0123456789abcdef0`.
    id: String,
    /// Such as `vpc-0123456789abcdef0`.
    vpc_id: String,
    /// Addresses of its clients, such as `["10.0.0.0/16"]`.
    clients: Vec<String>,
}

impl Apis {
    fn settings(self, iam: IamMode, throttle: AccountThrottle) -> Result<Settings> {
        let endpoint = |endpoint: Endpoint| {
            VpcEndpoint::parse(endpoint.id, endpoint.vpc_id, &endpoint.clients).map_err(|range| {
                anyhow!("vpc_endpoints: {range} is no range of addresses, such as 10.0.0.0/16")
            })
        };
        Ok(Settings {
            throttle,
            unknown_keys: if iam == IamMode::Enforce { UnknownKeys::Refused } else { UnknownKeys::Root },
            vpc_endpoints: self.vpc_endpoints.into_iter().map(endpoint).collect::<Result<_>>()?,
            issuer_keys: self.issuer_keys,
            ..Settings::default()
        })
    }
}

/// Whether functions may run without isolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SandboxMode {
    Auto,
    Required,
    Off,
}

/// The configuration, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// `None`: a temporary folder, unsynced.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) iam: IamMode,
    pub(crate) account: String,
    pub(crate) log: String,
    pub(crate) threads: usize,
    pub(crate) sandbox: SandboxMode,
    pub(crate) concurrency: u32,
    pub(crate) idle_seconds: u64,
    pub(crate) cpu: CpuRule,
    pub(crate) apis: Settings,
}

impl Config {
    /// Reads the file, the environment and the flags.
    pub(crate) fn load(flags: &ServeFlags) -> Result<Config> {
        let file = read(flags.config.as_deref())?;
        let pick = |flag: &Option<String>, name: &str, file: Option<String>, default: &str| {
            flag.clone().or_else(|| std::env::var(name).ok()).or(file).unwrap_or_else(|| default.to_owned())
        };
        let listen = pick(&flags.listen, "LOGGIA_LISTEN", file.server.listen, "127.0.0.1:4566");
        let iam = pick(&flags.iam, "LOGGIA_IAM", file.server.iam, "dev");
        let sandbox = pick(&flags.sandbox, "LOGGIA_SANDBOX", file.functions.sandbox, "auto");
        let cpu = pick(&None, "LOGGIA_CPU", file.functions.cpu, "share");
        let account = pick(&None, "LOGGIA_ACCOUNT", file.server.account, "000000000000");
        let concurrency = pick(
            &None,
            "LOGGIA_CONCURRENCY",
            file.functions.concurrency.map(|number| number.to_string()),
            "1000",
        );
        let idle = pick(
            &None,
            "LOGGIA_IDLE_SECONDS",
            file.functions.idle_seconds.map(|number| number.to_string()),
            "600",
        );
        let rate =
            pick(&None, "LOGGIA_API_RATE", file.apis.account_rate.map(|number| number.to_string()), "10000");
        let burst =
            pick(&None, "LOGGIA_API_BURST", file.apis.account_burst.map(|number| number.to_string()), "5000");
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = pick(
            &None,
            "LOGGIA_THREADS",
            file.server.threads.map(|number| number.to_string()),
            &cores.to_string(),
        );
        let data_dir = flags
            .data_dir
            .clone()
            .or_else(|| std::env::var_os("LOGGIA_DATA_DIR").map(PathBuf::from))
            .or(file.server.data_dir);
        let iam = match iam.as_str() {
            "dev" => IamMode::Dev,
            "enforce" => IamMode::Enforce,
            "off" => IamMode::Off,
            other => bail!("iam: {other} is none of dev, enforce and off"),
        };
        let throttle = AccountThrottle {
            rate: rate.parse().with_context(|| format!("account_rate: {rate} is no number"))?,
            burst: burst.parse().with_context(|| format!("account_burst: {burst} is no number"))?,
        };
        let config = Config {
            listen: listen.parse().with_context(|| {
                format!("listen: {listen} is no address and port, such as 127.0.0.1:4566")
            })?,
            data_dir: if flags.ephemeral { None } else { Some(data_dir.map_or_else(default_data_dir, Ok)?) },
            iam,
            sandbox: match sandbox.as_str() {
                "auto" => SandboxMode::Auto,
                "required" => SandboxMode::Required,
                "off" => SandboxMode::Off,
                other => bail!("sandbox: {other} is none of auto, required and off"),
            },
            log: pick(&flags.log, "LOGGIA_LOG", file.server.log, "info"),
            threads: threads.parse().with_context(|| format!("threads: {threads} is no number"))?,
            concurrency: concurrency
                .parse()
                .with_context(|| format!("concurrency: {concurrency} is no number"))?,
            idle_seconds: idle.parse().with_context(|| format!("idle_seconds: {idle} is no number"))?,
            cpu: match cpu.as_str() {
                "share" => CpuRule::Share,
                "limit" => CpuRule::Limit,
                "free" => CpuRule::Free,
                other => bail!("cpu: {other} is none of share, limit and free"),
            },
            account,
            apis: Settings { vpc_links: file.vpc_links, ..file.apis.settings(iam, throttle)? },
        };
        for (link, url) in &config.apis.vpc_links {
            let is_url = url.strip_prefix("http://").or(url.strip_prefix("https://"));
            let is_url = is_url.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', ' ']));
            ensure!(is_url, "vpc_links: {link}: {url} is no base URL, such as http://10.0.0.7:8080");
        }
        let AccountThrottle { rate, burst } = throttle;
        ensure!(rate >= 0.0 && rate.is_finite(), "account_rate: must be 0 or more");
        ensure!(burst >= 1, "account_burst: must be at least 1");
        let is_account =
            config.account.len() == 12 && config.account.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(is_account, "account: {} is not twelve digits", config.account);
        ensure!(config.concurrency > 0, "concurrency: must be at least 1");
        ensure!((1..=1024).contains(&config.threads), "threads: must be from 1 to 1024");
        let is_guarded = config.listen.ip().is_loopback() || config.iam == IamMode::Enforce || flags.insecure;
        ensure!(
            is_guarded,
            "listening on {} lets everybody who can reach it act as the account's root; use --iam enforce, or say --insecure",
            config.listen
        );
        Ok(config)
    }
}

fn read(path: Option<&Path>) -> Result<File> {
    let Some(path) = path else { return Ok(File::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("in {}", path.display()))
}

fn default_data_dir() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    Ok(base.context("neither XDG_DATA_HOME nor HOME is set: use --data-dir or --ephemeral")?.join("loggia"))
}
