//! One request on its way through the phases, and what is known of it so far.
//!
//! Each phase adds what it found; nothing here is taken from a header that a client could have made up.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use kernel::exchange::Inbound;
use kernel::{Clock, Entropy, Host};
use plan::{Method, Plan};
use serde_json::{Map, Value};
use vtl::apigateway::Overrides;

use crate::query::Query;
use crate::trail::Trail;

/// A request that a stage was found for.
pub(crate) struct Exchange {
    pub(crate) plan: Arc<Plan>,
    pub(crate) inbound: Inbound,
    pub(crate) ids: Ids,
    /// Path as the client wrote it after the host, stage included.
    pub(crate) full_path: String,
    /// Where in it the path after the stage begins.
    pub(crate) path_at: usize,
    /// `{api}.execute-api.…` or a custom domain, without a port.
    pub(crate) domain_name: String,
    /// The domain name is a custom one: the path then begins with its base path, in events as well.
    pub(crate) is_custom_domain: bool,
    pub(crate) query: Query,
    /// Set by routing.
    pub(crate) method: Option<Arc<Method>>,
    /// Path parameters, as sent. Set by routing.
    pub(crate) parameters: Vec<(String, String)>,
    /// Who the client is, as far as authorization found out.
    pub(crate) identity: Identity,
    /// What an authorizer said.
    pub(crate) authorizer: Option<Authorized>,
    /// How the integration fared.
    pub(crate) integration: IntegrationOutcome,
    /// What templates set beneath `$context.requestOverride` and `$context.responseOverride`.
    pub(crate) overrides: Overrides,
    /// Whether the stage's cache answered.
    pub(crate) cache: CacheOutcome,
    /// Lines of the execution log.
    pub(crate) trail: Trail,
    /// When the request arrived, on the monotonic clock.
    pub(crate) started: Duration,
}

impl Exchange {
    /// A request to a stage, of which no phase knows anything yet; `path` is the whole path and where the path after the stage begins.
    pub(crate) fn new(
        plan: Arc<Plan>,
        inbound: Inbound,
        ids: Ids,
        path: (String, usize),
        started: Duration,
    ) -> Exchange {
        let query = Query::parse(inbound.query.as_deref());
        let (full_path, path_at) = path;
        Exchange {
            domain_name: format!("{}.execute-api.localhost", plan.stage.api_id),
            is_custom_domain: false,
            plan,
            inbound,
            ids,
            full_path,
            path_at,
            query,
            method: None,
            parameters: Vec::new(),
            identity: Identity::default(),
            authorizer: None,
            integration: IntegrationOutcome::default(),
            overrides: Overrides::default(),
            cache: CacheOutcome::default(),
            trail: Trail::default(),
            started,
        }
    }

    /// Path after the stage, as sent; of several slashes that it begins with, one.
    pub(crate) fn path(&self) -> &str {
        match &self.full_path[self.path_at..] {
            "" => "/",
            path => path,
        }
    }

    /// `path` of a proxy event: the path after the stage, or to a custom domain name the whole path, base path included.
    pub(crate) fn event_path(&self) -> &str {
        if self.is_custom_domain { &self.full_path } else { self.path() }
    }

    /// The first label of the domain name.
    pub(crate) fn domain_prefix(&self) -> &str {
        self.domain_name.split('.').next().unwrap_or_default()
    }

    /// The method that the request matched.
    ///
    /// # Panics
    /// Before routing.
    pub(crate) fn method(&self) -> &Arc<Method> {
        self.method.as_ref().expect("every phase after routing has a method")
    }

    /// A path parameter, as sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A header's first value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.inbound.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}{path}`, with the request's own method and this path.
    pub(crate) fn arn(&self, path: &str) -> String {
        let stage = &self.plan.stage;
        let (region, account, api) = (&stage.region, &stage.account, &stage.api_id);
        format!(
            "arn:aws:execute-api:{region}:{account}:{api}/{}/{}{path}",
            stage.stage_name, self.inbound.method
        )
    }
}

/// Who the client is: the members of `$context.identity` beyond address and user agent. `None` where nobody found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Identity {
    pub(crate) account_id: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) caller: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) user_arn: Option<String>,
    pub(crate) principal_org_id: Option<String>,
    pub(crate) cognito_authentication_provider: Option<String>,
    pub(crate) cognito_authentication_type: Option<String>,
    pub(crate) cognito_identity_id: Option<String>,
    pub(crate) cognito_identity_pool_id: Option<String>,
    /// The API key as the client (or the authorizer) gave it.
    pub(crate) api_key: Option<String>,
    pub(crate) api_key_id: Option<String>,
}

/// What an authorizer said of a request that it let in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Authorized {
    /// Whom the Lambda authorizer named.
    pub(crate) principal_id: Option<String>,
    /// A Lambda authorizer's `context`, its values as texts.
    pub(crate) context: Map<String, Value>,
    /// A token's claims, as texts.
    pub(crate) claims: Option<Map<String, Value>>,
    /// The API key that a Lambda authorizer named.
    pub(crate) usage_identifier_key: Option<String>,
    /// How long the authorizer took, in milliseconds; 0 if its answer was remembered.
    pub(crate) latency_ms: u64,
}

/// How the integration fared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct IntegrationOutcome {
    /// Its status, before anything was mapped.
    pub(crate) status: Option<u16>,
    /// Between the request's last and the answer's first byte.
    pub(crate) latency: Option<Duration>,
    /// Its request id, if it has one.
    pub(crate) request_id: Option<String>,
    /// What went wrong.
    pub(crate) error: Option<String>,
}

/// Whether the stage's cache answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CacheOutcome {
    /// The method is not cached.
    #[default]
    None,
    /// The cache answered.
    Hit,
    /// The integration had to.
    Miss,
}

/// Identifiers of one request.
pub(crate) struct Ids {
    /// `x-amz-apigw-id` and `$context.extendedRequestId`.
    pub(crate) extended: String,
    /// `X-Amzn-Trace-Id`: the client's, completed, or a new one.
    pub(crate) trace: String,
}

impl Ids {
    /// Identifiers of a request that came with this trace header.
    pub(crate) fn new(host: &Host, client_trace: Option<&str>) -> Ids {
        let (clock, entropy): (&dyn Clock, &dyn Entropy) = (&*host.clock, &*host.entropy);
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let extended = random(entropy, 15, BASE64, String::with_capacity(16)) + "=";
        let trace = match client_trace {
            // AWS: X-Ray concepts, tracing header: a header with a root goes on as it is.
            Some(trace) if trace.contains("Root=1-") && trace.len() <= 256 => trace.to_owned(),
            _ => {
                let mut trace = String::with_capacity(40);
                let _ = write!(trace, "Root=1-{:08x}-", clock.now_ms() / 1000);
                random(entropy, 24, b"0123456789abcdef", trace)
            }
        };
        Ids { extended, trace }
    }
}

/// Appends so many characters of an alphabet whose length is a power of two; at most 32.
fn random(entropy: &dyn Entropy, length: usize, alphabet: &[u8], mut text: String) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes[..length]);
    text.extend(
        bytes[..length].iter().map(|byte| char::from(alphabet[usize::from(*byte) & (alphabet.len() - 1)])),
    );
    text
}
