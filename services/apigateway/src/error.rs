//! What the service answers when it does not do as asked: AWS's codes, statuses and texts, each written once.
//!
//! Texts are those that AWS was recorded to answer, or that users quote; the few that are inferred say so.

use kernel::{Exception, Failure, Fault};

/// Every error of the service.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("Invalid API identifier specified {account}:{id}")]
    NoApi { account: String, id: String },
    #[error("Invalid Resource identifier specified")]
    NoResource,
    #[error("Invalid Method identifier specified")]
    NoMethod,
    #[error("Invalid Integration identifier specified")]
    NoIntegration,
    #[error("Invalid Response status code specified")]
    NoStatus,
    #[error("Invalid Deployment identifier specified")]
    NoDeployment,
    #[error("Invalid stage identifier specified")]
    NoStage,
    #[error("Invalid parameter name specified")]
    NoParameter,
    #[error("Content-Type specified was not found")]
    NoContentType,
    #[error("Invalid Authorizer identifier specified")]
    NoAuthorizer,
    #[error("Invalid Request Validator identifier specified")]
    NoValidator,
    #[error("Invalid model name specified: {0}")]
    NoModel(String),
    #[error("Gateway response type not defined on api")]
    NoGatewayResponse,
    #[error("Invalid API Key identifier specified")]
    NoApiKey,
    #[error("Invalid Usage Plan ID specified")]
    NoUsagePlan,
    #[error("API Stage not found: {0}")]
    NoApiStage(String),
    #[error("Invalid method specified: {0}")] // inferred
    NoMethodThrottle(String),

    #[error("Invalid Documentation part identifier specified")]
    NoPart,
    #[error("Invalid Documentation version specified")] // inferred
    NoVersion,
    #[error("Invalid domain name identifier specified")]
    NoDomain,
    #[error("Invalid base path mapping identifier specified")]
    NoMapping,
    #[error("Invalid domain name access association identifier specified")] // inferred
    NoAssociation,
    #[error("Invalid Vpc Link identifier specified")] // inferred
    NoLink,
    #[error("Invalid Client Certificate identifier specified")] // inferred
    NoCertificate,
    #[error("Invalid SDK type identifier specified")] // inferred
    NoSdkType,

    #[error("Documentation part already exists for the specified location: {0}.")]
    PartExists(String),
    #[error("Documentation version already exists for the API")] // inferred
    VersionExists,
    #[error("Base path already exists for this domain name")]
    MappingExists,
    #[error("The access association already exists")] // inferred
    AssociationExists,

    #[error("Another resource with the same parent already has this name: {0}")]
    SiblingName(String),
    #[error("Method already exists for this resource")]
    MethodExists,
    #[error("Stage already exists")]
    StageExists,
    #[error("Model name already exists for this REST API")]
    ModelExists,
    #[error("Cannot delete model '{name}', is referenced in method {part}: {method}")]
    ModelInUse { name: String, part: &'static str, method: String },
    #[error("Cannot delete model '{name}', is referenced in model: {by}")] // inferred
    ModelInModel { name: String, by: String },
    #[error("Cannot delete authorizer '{name}', is referenced in method: {method}")]
    AuthorizerInUse { name: String, method: String },
    #[error("Cannot delete request validator '{name}', is referenced in method: {method}")] // inferred
    ValidatorInUse { name: String, method: String },
    #[error("API Key already exists")]
    ApiKeyExists,
    #[error("API Key {key} is already in Usage Plan {plan}")] // inferred
    KeyInPlan { key: String, plan: String },
    #[error(
        "Usage Plan {plan} cannot be added because API Key {key} cannot reference multiple Usage Plans with the same API stage: {stage}"
    )] // inferred from reports of users
    SeveralPlans { plan: String, key: String, stage: String },
    #[error("API Stage {0} is already in the Usage Plan")] // inferred
    ApiStageExists(String),

    #[error("Maximum number of {0} for this API has been reached")] // inferred
    TooMany(&'static str),
    #[error("Maximum number of Usage Plans for this API Key has been reached")] // inferred
    TooManyPlans,
    #[error("Cross-account pass role is not allowed.")]
    CrossAccountRole,

    #[error("{0}")]
    Validation(String),

    #[error("Invalid patch path  '{path}' specified for op '{op}'. Must be one of: [{allowed}]")]
    PatchPathOf { path: String, op: &'static str, allowed: String },
    #[error("Invalid patch path  '{path}' specified for op '{op}'. Please choose supported operations")]
    PatchOpOf { path: String, op: &'static str },
    #[error("Invalid patch path {0}")]
    PatchPath(String),
    #[error("Invalid patch operation specified. Must be one of: [{0}]")]
    PatchOp(String),
    #[error("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")]
    EndpointTypeOp,
    #[error("Invalid method setting path: {path}. Must be one of: [{}]", crate::stage::PATHS)]
    StagePath { path: String },
    #[error("Invalid add operation with path: {0}")]
    StageAdd(String),
    #[error("Cannot remove method setting {0} because there is no method setting for this method ")]
    NoMethodSetting(String),
    #[error("Invalid value '{value}' for {path}: {wanted}")] // inferred
    PatchValue { path: String, value: String, wanted: &'static str },

    #[error("Name cannot be empty")] // inferred from CreateVpcLink
    EmptyName,
    #[error("Description cannot be an empty string")]
    EmptyDescription,
    #[error("Invalid minimum compression size, must be between 0 and 10485760")]
    CompressionSize,
    #[error("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")]
    NoEndpointType,
    #[error("Cannot create an api with multiple Endpoint Types.")]
    SeveralEndpointTypes,
    #[error("Only dualstack ipAddressType is supported for Private APIs.")]
    PrivateIpv4,
    #[error("ipAddressType must be either ipv4 or dualstack.")]
    IpAddressType,
    #[error("Invalid {name} specified. Valid options are {options}")]
    Enumeration { name: &'static str, options: &'static str },
    #[error("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")]
    Policy,
    #[error("Invalid position parameter specified")] // inferred
    Position,

    #[error(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."
    )]
    PathPart,
    #[error("A sibling ({0}) of this resource already has a variable path part -- only one is allowed")]
    VariableSibling(String),
    #[error("Cannot create a child of a resource with a greedy path variable: {0}")]
    GreedyParent(String),
    #[error("Resources cannot be cyclical.")]
    Cycle,
    #[error("Root resource cannot update its {0}.")]
    RootUpdate(&'static str),
    #[error("Root resource cannot be deleted")]
    RootDelete,

    #[error("Parameter names must be unique across querystring, header and path")]
    ParameterNames,
    #[error(
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
    )]
    Authorizer,
    #[error("Invalid Request Validator identifier specified")]
    Validator,
    #[error("Request Validator name cannot be blank")]
    EmptyValidatorName,
    #[error("Invalid REST API identifier specified")]
    RestApi,
    #[error("Invalid request input")]
    RequestInput,
    #[error("Authorizer name cannot be blank")] // inferred
    EmptyAuthorizerName,
    #[error("Authorizer name must be unique. Authorizer {0} already exists in this RestApi.")]
    AuthorizerName(String),
    #[error(
        "Invalid Authorizer URI: {0}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
    )]
    AuthorizerUri(String),
    #[error("Authorizer result TTL must be between 0 and 3600 seconds")] // inferred
    AuthorizerTtl,
    #[error("Invalid identity validation expression specified")] // inferred
    IdentityExpression,
    #[error("Model name must be non-empty")]
    EmptyModelName,
    #[error("Model name must be alphanumeric: {0}")]
    ModelName(String),
    #[error("Model schema must have at least 1 property or array items defined")]
    EmptySchema,
    #[error("Invalid model specified: Validation Result: warnings : [], errors : [{0}]")]
    ModelSchema(String),
    #[error("Templates are made of models whose content type is JSON, not {0}")] // inferred
    TemplateContent(String),
    #[error("Invalid null or empty value in {0}")]
    EmptyEntry(&'static str),
    #[error("Invalid status code specified")] // inferred
    GatewayStatus,
    #[error("API Key value should be at least 20 characters")]
    ShortKeyValue,
    #[error("API Key value should be at most 128 characters")] // inferred
    LongKeyValue,
    #[error("API Key name should be at most 1024 characters")] // inferred
    LongKeyName,
    #[error("Failed to parse the API Key file: {0}")] // inferred
    KeyFile(&'static str),
    #[error("Failed to import API Keys: {0}")] // inferred
    KeyImport(String),
    #[error("Invalid stage identifier specified")]
    UnknownStage,
    #[error("Usage Plan name cannot be blank")] // inferred
    EmptyPlanName,
    // AWS forgets to fill in its text.
    #[error("Invalid API Stage {{api: %s, stage: %s}} specified for usageplan %s")]
    BlankApiStage,
    #[error("Invalid API Stage specified")]
    ApiStage,
    #[error(
        "Cannot delete Usage Plan {plan} because there are API Stages associated with it, including {stage}"
    )]
    PlanHasStages { plan: String, stage: String },
    #[error("Usage Plan throttle limits must not be negative")] // inferred
    NegativeThrottle,
    #[error("Usage Plan quota limit must not be negative")] // inferred
    QuotaLimit,
    #[error("Usage Plan quota offset {0}")]
    QuotaOffset(&'static str),
    #[error("Invalid key type specified. Valid options are API_KEY")] // inferred
    KeyType,
    #[error("Invalid date specified: {0}. Dates are written yyyy-MM-dd")] // inferred
    UsageDate(String),
    #[error("The end date must not be before the start date")] // inferred
    UsageOrder,
    #[error("Usage of at most 90 days can be shown at once")] // inferred
    UsageRange,
    #[error("Usage Plan {0} has no quota")] // inferred
    NoQuota(String),
    #[error(
        "Invalid copy operation with path: {path} and from {from}. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
    )]
    StageCopy { path: String, from: String },
    #[error("Promotion not available. Canary does not exist.")]
    NoCanary,
    #[error("Percent traffic of a canary must be between 0.0 and 100.0")] // inferred
    CanaryPercent,
    #[error("Invalid deployment content specified.{0}")]
    CanaryDeployment(String),
    #[error("Invalid model identifier specified: {0}")]
    Model(String),
    #[error("Invalid mapping expression specified: Validation Result: warnings : [], errors : [{0}]")]
    Mapping(String),
    #[error("Validation Result: warnings : [], errors : [Invalid content type specified: {0}]")]
    ContentType(String),

    #[error("Enumeration value for HttpMethod must be non-empty")]
    NoHttpMethod,
    #[error("Invalid HTTP endpoint specified for URI")]
    Endpoint,
    #[error("Invalid ARN specified in the request")]
    Arn,
    #[error("AWS ARN for integration must contain path or action")]
    IntegrationArn,
    #[error(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
    )]
    ProxyTarget,
    #[error("Role ARN must be specified for AWS integrations")]
    NoRole,
    #[error("Timeout should be between 50 ms and 29000 ms")]
    Timeout,

    #[error("The REST API doesn't contain any methods")]
    NoMethods,
    #[error("Private REST API doesn't have a resource policy attached to it")]
    PrivateWithoutPolicy,
    #[error("No integration defined for method")]
    MethodWithoutIntegration,
    #[error("Active stages pointing to this deployment must be moved or deleted")]
    ActiveStages,
    #[error("Deployment id does not exist")]
    UnknownDeployment,
    #[error("Stage name only allows a-zA-Z0-9_")]
    StageName,
    #[error("Invalid stage variable name: {0}.  Please use names with only word characters.")]
    VariableName(String),
    #[error(
        "Invalid stage variable value: {0}.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
    )]
    VariableValue(String),
    #[error("CloudWatch Logs role ARN must be set in account settings to enable logging")]
    NoLogsRole,
    #[error("Usage Plans cannot be disabled once enabled")]
    UsagePlans,

    #[error("Documentation parts of type {kind} have no {field}")] // inferred
    LocationField { field: &'static str, kind: String },
    #[error("Documentation parts of type {0} need a name")] // inferred
    LocationName(String),
    #[error("Documentation part properties must be non-empty")]
    EmptyProperties,
    #[error("Documentation part properties must be a JSON object")] // inferred
    Properties,
    #[error("Documentation version must be non-empty")] // inferred
    EmptyVersion,
    #[error("The API has no documentation parts to make a version of")] // inferred
    NoParts,

    #[error("The domain name you provided already exists.")]
    DomainExists,
    #[error("No Domain Name specified")]
    EmptyDomain,
    #[error("The domain name you provided is not a valid domain name.")] // inferred
    DomainSyntax,
    #[error("Invalid certificate ARN specified")] // inferred
    CertificateArn,
    #[error("Invalid truststore URI specified. It must be of the form s3://bucket/key")] // inferred
    Truststore,
    #[error("Mutual TLS authentication is only supported for regional custom domain names")] // inferred
    MutualTlsEndpoint,
    #[error("Invalid REST API identifier specified")]
    MappedApi,
    #[error("Invalid stage identifier specified")]
    MappedStage,
    #[error(
        "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2."
    )]
    BasePathSlash,
    #[error("Invalid characters in base path")] // inferred
    BasePath,
    #[error(
        "Deleting RestApi failed. Please remove all base path mappings related to the RestApi in your domains: {0}"
    )]
    MappedApiDelete(String),
    #[error(
        "Deleting stage {stage} failed. Please remove all base path mappings related to the stage in your domains: {domains}"
    )]
    MappedStageDelete { stage: String, domains: String },
    #[error("The access association source must be the id of a VPC endpoint")] // inferred
    AssociationSource,
    #[error("The client certificate is used by the stage {stage} of the API {api}")] // inferred
    CertificateInUse { api: String, stage: String },
    #[error("A VPC link has exactly one target ARN")] // inferred
    LinkTargets,
    #[error("Target ARN must be the ARN of a network load balancer")] // inferred
    LinkTarget,

    #[error("Unable to parse API definition because of a malformed document: {0}")] // inferred
    Document(String),
    #[error("Invalid OpenAPI input.")]
    NotOpenApi,
    #[error("Errors found during import:\n\t{}", .0.join("\n\t"))]
    ImportErrors(Vec<String>),
    #[error("Warnings found during import:\n\t{}", .0.join("\n\t"))]
    ImportWarnings(Vec<String>),
    #[error("Invalid base path parameter specified. Valid options are ignore, prepend, split")] // inferred
    BasePathMode,
    #[error("No API exists for the specified export type. Valid options are swagger, oas30")] // inferred
    ExportType,
    #[error(
        "Invalid extensions specified: {0}. Valid options are integrations,apigateway,authorizers,postman,documentation"
    )] // inferred
    Extension(String),
    #[error("Loggia generates SDKs for javascript only, not for {0}")]
    SdkLanguage(String),

    #[error("Invalid tag key: {0}. Keys hold up to 128 characters and do not start with aws:")] // inferred
    TagKey(String),
    #[error("Loggia does not implement {0} yet")]
    NotBuilt(&'static str),

    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    fn shape(&self) -> (&'static str, u16) {
        use Error::*;
        match self {
            NoApi { .. }
            | NoResource
            | NoMethod
            | NoIntegration
            | NoStatus
            | NoDeployment
            | NoStage
            | NoParameter
            | NoContentType
            | NoAuthorizer
            | NoValidator
            | NoModel(_)
            | NoGatewayResponse
            | NoApiKey
            | NoUsagePlan
            | NoApiStage(_)
            | NoMethodThrottle(_)
            | NoPart
            | NoVersion
            | NoDomain
            | NoMapping
            | NoAssociation
            | NoLink
            | NoCertificate
            | NoSdkType => ("NotFoundException", 404),
            SiblingName(_)
            | MethodExists
            | StageExists
            | ModelExists
            | ModelInUse { .. }
            | ModelInModel { .. }
            | AuthorizerInUse { .. }
            | ValidatorInUse { .. }
            | ApiKeyExists
            | KeyInPlan { .. }
            | SeveralPlans { .. }
            | ApiStageExists(_)
            | PartExists(_)
            | VersionExists
            | MappingExists
            | AssociationExists => ("ConflictException", 409),
            TooMany(_) | TooManyPlans => ("LimitExceededException", 429),
            CrossAccountRole => ("AccessDeniedException", 403),
            Validation(_) => ("ValidationException", 400),
            _ => ("BadRequestException", 400),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error {
            Error::Fault(fault) => Failure::Fault(fault),
            error => {
                let (code, status) = error.shape();
                Exception::new(code, status, error.to_string()).into()
            }
        }
    }
}
