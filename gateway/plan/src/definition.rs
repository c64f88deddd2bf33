//! The stored definition of an API, as a deployment snapshots it and a stage publishes it.
//!
//! Field names follow the `apigateway` model. Published records live in a space of their own, outside any account, because the data
//! plane knows only an API's id and a stage's name.

use std::collections::BTreeMap;

use kernel::{Key, Record, Scope};
use serde::{Deserialize, Serialize};

/// Name to value.
pub type Strings = BTreeMap<String, String>;

/// Everything of an API that a deployment fixes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiDefinition {
    /// Ten lower-case letters and digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// Owner.
    pub account: String,
    /// Region.
    pub region: String,
    /// Media types whose bodies are binary, such as `image/png` or `*/*`.
    pub binary_media_types: Vec<String>,
    /// Smallest response body that is compressed, in bytes.
    pub minimum_compression_size: Option<i64>,
    /// `HEADER` or `AUTHORIZER`.
    pub api_key_source: String,
    /// Resource policy, as JSON.
    pub policy: Option<String>,
    /// Every resource, the root included.
    pub resources: Vec<ResourceDefinition>,
    /// Customised gateway responses, by type, such as `DEFAULT_4XX`.
    pub gateway_responses: BTreeMap<String, GatewayResponseDefinition>,
    /// Models, by name.
    pub models: BTreeMap<String, ModelDefinition>,
    /// Authorizers, by id.
    pub authorizers: BTreeMap<String, AuthorizerDefinition>,
    /// Request validators, by id.
    pub request_validators: BTreeMap<String, ValidatorDefinition>,
}

/// A model: a JSON schema, draft 4.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelDefinition {
    /// Six lower-case letters and digits.
    pub id: String,
    /// Name; other models refer to it by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Content type.
    pub content_type: String,
    /// The schema as it was given; `None` accepts everything.
    pub schema: Option<String>,
}

/// Who decides whether a request may pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizerDefinition {
    /// Six lower-case letters and digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// `TOKEN`, `REQUEST` or `COGNITO_USER_POOLS`.
    pub kind: String,
    /// ARNs of user pools; a URL of an OpenID issuer is taken as well.
    pub provider_arns: Vec<String>,
    /// Free text of the client's; shown, without effect, as on AWS.
    pub auth_type: Option<String>,
    /// `arn:aws:apigateway:…:lambda:path/…/invocations`; may hold `${stageVariables.name}`.
    pub uri: Option<String>,
    /// Role to invoke the function with.
    pub credentials: Option<String>,
    /// `method.request.header.NAME` and others, comma-separated for `REQUEST`.
    pub identity_source: Option<String>,
    /// What a token must match.
    pub identity_validation_expression: Option<String>,
    /// How long an answer is remembered, in seconds (AWS: 0 to 3600, 300 by default).
    pub ttl_seconds: Option<i64>,
}

/// What is checked of a request before it reaches the integration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValidatorDefinition {
    /// Six lower-case letters and digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// The body, against the model of its content type.
    pub validates_body: bool,
    /// Required parameters.
    pub validates_parameters: bool,
}

/// One resource and its methods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceDefinition {
    /// Six lower-case letters and digits (ten for the root).
    pub id: String,
    /// Parent's id; `None` for the root.
    pub parent_id: Option<String>,
    /// Last segment: literal, `{name}` or `{name+}`; `None` for the root.
    pub path_part: Option<String>,
    /// Whole path, such as `/users/{userId}`.
    pub path: String,
    /// By HTTP method or `ANY`.
    pub methods: BTreeMap<String, MethodDefinition>,
}

/// One method of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodDefinition {
    /// `NONE`, `AWS_IAM`, `CUSTOM` or `COGNITO_USER_POOLS`.
    pub authorization_type: String,
    /// Authorizer's id.
    pub authorizer_id: Option<String>,
    /// OAuth scopes that an access token must have one of.
    pub authorization_scopes: Vec<String>,
    /// True if a key of a usage plan must come with the request.
    pub api_key_required: bool,
    /// Name for generated SDKs.
    pub operation_name: Option<String>,
    /// Request validator's id.
    pub request_validator_id: Option<String>,
    /// `method.request.{querystring|path|header}.NAME` to whether it is required.
    pub request_parameters: BTreeMap<String, bool>,
    /// Content type to model name.
    pub request_models: Strings,
    /// By status code.
    pub responses: BTreeMap<String, MethodResponseDefinition>,
    /// What answers; a method without it cannot be deployed.
    pub integration: Option<IntegrationDefinition>,
}

/// What a method may answer with one status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodResponseDefinition {
    /// `method.response.header.NAME` to whether it is required.
    pub response_parameters: BTreeMap<String, bool>,
    /// Content type to model name.
    pub response_models: Strings,
}

/// What is behind a method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IntegrationDefinition {
    /// `AWS`, `AWS_PROXY`, `HTTP`, `HTTP_PROXY` or `MOCK`.
    pub kind: String,
    /// Method towards the backend.
    pub http_method: Option<String>,
    /// URL or `arn:aws:apigateway:…`; may hold `${stageVariables.name}`.
    pub uri: Option<String>,
    /// `INTERNET` or `VPC_LINK`.
    pub connection_type: String,
    /// VPC link's id.
    pub connection_id: Option<String>,
    /// Role's ARN, or `arn:aws:iam::*:user/*`.
    pub credentials: Option<String>,
    /// `integration.request.{path|querystring|header}.NAME` to its source.
    pub request_parameters: Strings,
    /// Content type to template.
    pub request_templates: Strings,
    /// `WHEN_NO_MATCH`, `WHEN_NO_TEMPLATES` or `NEVER`.
    pub passthrough_behavior: String,
    /// `CONVERT_TO_BINARY` or `CONVERT_TO_TEXT`.
    pub content_handling: Option<String>,
    /// 50 to 29,000 by default, in milliseconds.
    pub timeout_ms: u64,
    /// Cache namespace.
    pub cache_namespace: Option<String>,
    /// `method.request.…` names that make up the cache key.
    pub cache_key_parameters: Vec<String>,
    /// True: certificates of the backend are not verified.
    pub insecure_skip_verification: Option<bool>,
    /// `BUFFERED` or `STREAM`.
    pub response_transfer_mode: Option<String>,
    /// ALB or NLB listener of a VPC link.
    pub integration_target: Option<String>,
    /// By status code.
    pub responses: BTreeMap<String, IntegrationResponseDefinition>,
}

/// How a backend's answer becomes a method response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IntegrationResponseDefinition {
    /// Regular expression on the status (or a function's error); `None` is the default response.
    pub selection_pattern: Option<String>,
    /// `method.response.header.NAME` to its source.
    pub response_parameters: Strings,
    /// Content type to template.
    pub response_templates: Strings,
    /// `CONVERT_TO_BINARY` or `CONVERT_TO_TEXT`.
    pub content_handling: Option<String>,
}

/// A customised gateway response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewayResponseDefinition {
    /// Status to answer with.
    pub status_code: Option<String>,
    /// `gatewayresponse.header.NAME` to its source.
    pub response_parameters: Strings,
    /// Content type to template.
    pub response_templates: Strings,
}

/// One row of a stage's `methodSettings`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodSettings {
    /// Requests per second; `None` is the account's.
    pub throttling_rate_limit: Option<f64>,
    /// Burst; `None` is the account's.
    pub throttling_burst_limit: Option<i64>,
    /// `OFF`, `ERROR` or `INFO`.
    pub logging_level: Option<String>,
    /// Requests and answers are logged whole.
    pub data_trace_enabled: Option<bool>,
    /// Metrics by method.
    pub metrics_enabled: Option<bool>,
    /// Answers are cached.
    pub caching_enabled: Option<bool>,
    /// How long, in seconds.
    pub cache_ttl_seconds: Option<i64>,
    /// Cached data is encrypted.
    pub cache_data_encrypted: Option<bool>,
    /// `Cache-Control: max-age=0` needs a permission.
    pub require_authorization_for_cache_control: Option<bool>,
    /// `FAIL_WITH_403`, `SUCCEED_WITH_RESPONSE_HEADER` or `SUCCEED_WITHOUT_RESPONSE_HEADER`.
    pub unauthorized_cache_control_header_strategy: Option<String>,
}

/// A stage as the data plane sees it: which deployment, with which variables and settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedStage {
    /// API.
    pub api_id: String,
    /// Stage name.
    pub stage_name: String,
    /// Deployment.
    pub deployment_id: String,
    /// Owner of the API.
    pub account: String,
    /// Region of the API.
    pub region: String,
    /// Stage variables.
    pub variables: Strings,
    /// By `*/*` or `{resource path}/{METHOD}` with the path's own slashes (not `~1`), such as `/users/{id}/GET`.
    pub method_settings: BTreeMap<String, MethodSettings>,
    /// X-Ray.
    pub tracing_enabled: bool,
    /// Access log: destination's ARN and format.
    pub access_log: Option<(String, String)>,
    /// The API's default host names answer 403.
    pub disable_execute_api_endpoint: bool,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub endpoint_type: String,
    /// Endpoints through which a private API is reached.
    pub vpc_endpoint_ids: Vec<String>,
    /// A share of the requests goes to another deployment.
    pub canary: Option<CanaryDefinition>,
    /// Size of the stage's cache in GB, such as `0.5`; `None` without one.
    pub cache_cluster_size: Option<String>,
    /// Grows with each flush of the stage's cache.
    pub cache_epoch: u64,
    /// Grows with each flush of the stage's authorizer caches.
    pub authorizer_epoch: u64,
    /// The certificate that API Gateway shows to HTTP backends.
    pub client_certificate: Option<ClientCertificateDefinition>,
}

/// A canary release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CanaryDefinition {
    /// Deployment.
    pub deployment_id: String,
    /// Share of the requests, 0 to 100.
    pub percent_traffic: f64,
    /// What differs from the stage's variables.
    pub variables: Strings,
    /// True: both share the stage's cache.
    pub uses_stage_cache: bool,
}

/// A client certificate and its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientCertificateDefinition {
    /// Id.
    pub id: String,
    /// Certificate, PEM.
    pub certificate: String,
    /// Private key, PEM (PKCS #8).
    pub private_key: String,
}

/// An API key as the data plane sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedApiKey {
    /// Owner.
    pub account: String,
    /// Region.
    pub region: String,
    /// What clients send.
    pub value: String,
    /// Ten lower-case letters and digits.
    pub id: String,
    /// False: refused.
    pub is_enabled: bool,
    /// The usage plans that the key belongs to.
    pub plan_ids: Vec<String>,
}

/// A usage plan as the data plane sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedUsagePlan {
    /// Owner.
    pub account: String,
    /// Region.
    pub region: String,
    /// Six lower-case letters and digits.
    pub id: String,
    /// The stages whose methods it opens.
    pub stages: Vec<PlanStage>,
    /// Limits of each key over all stages.
    pub throttle: Option<RateAndBurst>,
    /// Requests of each key in a period.
    pub quota: Option<Quota>,
}

/// A stage of a usage plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanStage {
    /// API.
    pub api_id: String,
    /// Stage.
    pub stage: String,
    /// Limits of each key by `{resource path}/{METHOD}`.
    pub throttle: BTreeMap<String, RateAndBurst>,
}

/// Limits of a token bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateAndBurst {
    /// Requests per second.
    pub rate: f64,
    /// Most requests at once.
    pub burst: i64,
}

/// Most requests in a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// Requests.
    pub limit: i64,
    /// Requests taken off the first period.
    pub offset: i64,
    /// `DAY`, `WEEK` or `MONTH`.
    pub period: String,
}

/// What a key used of a plan on one day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageRecord {
    /// Plan.
    pub plan_id: String,
    /// Key.
    pub key_id: String,
    /// Days since the epoch, UTC.
    pub day: i32,
    /// Requests of that day.
    pub used: i64,
    /// What is left of the period's quota at the end of that day (or now), `UpdateUsage` included; `None` without a quota.
    pub remaining: Option<i64>,
    /// The quota's limit when `remaining` was worked out; `None` stands for the limit of now.
    pub limit: Option<i64>,
}

/// A deployment's snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedDeployment {
    /// Deployment.
    pub id: String,
    /// What it fixes.
    pub api: ApiDefinition,
}

/// Key of an API key by its value.
pub fn published_key_of_value(account: &str, region: &str, value: &str) -> Key {
    Key::new().text(account).text(region).text(value)
}

/// Key of a usage plan.
pub fn published_plan_key(account: &str, region: &str, id: &str) -> Key {
    Key::new().text(account).text(region).text(id)
}

/// Key of what an API key used of a plan on a day; days are written so that their order is that of time.
pub fn usage_key(plan_id: &str, key_id: &str, day: i32) -> Key {
    Key::new().text(plan_id).text(key_id).text(&format!("{day:08}"))
}

impl Record for PublishedApiKey {
    const TABLE: &'static str = "api-keys";
    fn key(&self) -> Key {
        published_key_of_value(&self.account, &self.region, &self.value)
    }
}

impl Record for PublishedUsagePlan {
    const TABLE: &'static str = "usage-plans";
    fn key(&self) -> Key {
        published_plan_key(&self.account, &self.region, &self.id)
    }
}

impl Record for UsageRecord {
    const TABLE: &'static str = "usage";
    fn key(&self) -> Key {
        usage_key(&self.plan_id, &self.key_id, self.day)
    }
}

/// Name under which published records are kept, in [`published_scope`].
pub const PUBLISHED_SERVICE: &str = "execute-api";

/// The scope of published records, which belong to no account.
pub fn published_scope() -> Scope {
    Scope::new("-", "-")
}

/// Key of a published stage (or, with a deployment's id, of its snapshot).
pub fn published_key(api_id: &str, name: &str) -> Key {
    Key::new().text(api_id).text(name)
}

impl Record for PublishedStage {
    const TABLE: &'static str = "stages";
    fn key(&self) -> Key {
        published_key(&self.api_id, &self.stage_name)
    }
}

impl Record for PublishedDeployment {
    const TABLE: &'static str = "deployments";
    fn key(&self) -> Key {
        published_key(&self.api.id, &self.id)
    }
}
