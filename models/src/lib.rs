//! The compact models that are part of the binary, and how a request shows which of them it means.
//!
//! Rows are sorted by endpoint id. A model is parsed when the first request for it comes. The data is botocore's (Apache-2.0, see
//! NOTICE), made compact by `cargo xtask codegen --models`.

use wire::{LazyModel, Model};

/// One service as the edge sees it before it knows anything of the request.
pub struct Row {
    /// Endpoint id: the name of the model, and of the service's folder if it exists.
    pub id: &'static str,
    /// Name in the signing scope.
    pub signing_name: &'static str,
    /// What `X-Amz-Target` begins with.
    pub target_prefix: Option<&'static str>,
    /// First label of its host names.
    pub host_label: &'static str,
    model: LazyModel,
}

impl Row {
    /// The model.
    pub fn model(&self) -> &Model {
        self.model.get()
    }
}

macro_rules! model {
    ($id:literal) => {
        LazyModel::new(include_bytes!(concat!("../", $id, ".json")))
    };
}

const fn row(
    id: &'static str,
    names: (&'static str, &'static str),
    target_prefix: Option<&'static str>,
    model: LazyModel,
) -> Row {
    Row { id, signing_name: names.0, host_label: names.1, target_prefix, model }
}

/// Every service whose model is known.
pub static MODELS: [Row; 26] = [
    row("acm", ("acm", "acm"), Some("CertificateManager"), model!("acm")),
    row("apigateway", ("apigateway", "apigateway"), None, model!("apigateway")),
    row("apigatewayv2", ("apigateway", "apigateway"), None, model!("apigatewayv2")),
    row("cloudformation", ("cloudformation", "cloudformation"), None, model!("cloudformation")),
    row("cloudfront", ("cloudfront", "cloudfront"), None, model!("cloudfront")),
    row(
        "cloudwatch",
        ("monitoring", "monitoring"),
        Some("GraniteServiceVersion20100801"),
        model!("cloudwatch"),
    ),
    row(
        "cognito-idp",
        ("cognito-idp", "cognito-idp"),
        Some("AWSCognitoIdentityProviderService"),
        model!("cognito-idp"),
    ),
    row("dynamodb", ("dynamodb", "dynamodb"), Some("DynamoDB_20120810"), model!("dynamodb")),
    row("ecr", ("ecr", "api.ecr"), Some("AmazonEC2ContainerRegistry_V20150921"), model!("ecr")),
    row("events", ("events", "events"), Some("AWSEvents"), model!("events")),
    row("iam", ("iam", "iam"), None, model!("iam")),
    row("kinesis", ("kinesis", "kinesis"), Some("Kinesis_20131202"), model!("kinesis")),
    row("kms", ("kms", "kms"), Some("TrentService"), model!("kms")),
    row("lambda", ("lambda", "lambda"), None, model!("lambda")),
    row("logs", ("logs", "logs"), Some("Logs_20140328"), model!("logs")),
    row("route53", ("route53", "route53"), None, model!("route53")),
    row("s3", ("s3", "s3"), None, model!("s3")),
    row("scheduler", ("scheduler", "scheduler"), None, model!("scheduler")),
    row(
        "secretsmanager",
        ("secretsmanager", "secretsmanager"),
        Some("secretsmanager"),
        model!("secretsmanager"),
    ),
    row("sns", ("sns", "sns"), None, model!("sns")),
    row("sqs", ("sqs", "sqs"), Some("AmazonSQS"), model!("sqs")),
    row("ssm", ("ssm", "ssm"), Some("AmazonSSM"), model!("ssm")),
    row("stepfunctions", ("states", "states"), Some("AWSStepFunctions"), model!("stepfunctions")),
    row("sts", ("sts", "sts"), None, model!("sts")),
    row("wafv2", ("wafv2", "wafv2"), Some("AWSWAF_20190729"), model!("wafv2")),
    row("xray", ("xray", "xray"), None, model!("xray")),
];

/// The row of a service.
pub fn get(id: &str) -> Option<&'static Row> {
    MODELS.binary_search_by(|row| row.id.cmp(id)).ok().map(|at| &MODELS[at])
}

#[cfg(test)]
mod tests;
