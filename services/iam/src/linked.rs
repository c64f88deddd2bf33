//! Service-linked roles: those that only a service assumes, and that only it may change.
//!
//! AWS: Create a service-linked role. Known difference: the role is made without the service's own policy, because Loggia's services do not use it.

use crate::entities::Role;
use crate::error::Error;

const PREFIX: &str = "/aws-service-role/";

/// Services whose role's name does not follow from their host name (AWS: AWS services that work with IAM, and each service's page on its role).
const NAMES: &[(&str, &str)] = &[
    ("apigateway", "APIGateway"),
    ("ops.apigateway", "APIGateway"),
    ("autoscaling", "AutoScaling"),
    ("dynamodb.application-autoscaling", "ApplicationAutoScaling_DynamoDBTable"),
    ("lambda.application-autoscaling", "ApplicationAutoScaling_LambdaConcurrency"),
    ("ecs", "ECS"),
    ("eks", "AmazonEKS"),
    ("elasticache", "ElastiCache"),
    ("elasticloadbalancing", "ElasticLoadBalancing"),
    ("es", "AmazonElasticsearchService"),
    ("events", "CloudWatchEvents"),
    ("kafka", "Kafka"),
    ("opensearchservice", "AmazonOpenSearchService"),
    ("organizations", "Organizations"),
    ("rds", "RDS"),
    ("replicator.lambda", "LambdaReplicator"),
    ("spot", "EC2Spot"),
    ("ssm", "AmazonSSM"),
    ("support", "Support"),
    ("trustedadvisor", "TrustedAdvisor"),
];

/// Name and path of a service's role.
pub fn name_and_path(service: &str, suffix: Option<&str>) -> Result<(String, String), Error> {
    let Some(host) = service.strip_suffix(".amazonaws.com") else {
        // Inferred.
        return Err(Error::InvalidInput(format!("Invalid service principal: {service}")));
    };
    let base = NAMES.iter().find(|(known, _)| *known == host).map(|(_, name)| (*name).to_owned());
    let base = base.unwrap_or_else(|| {
        let first = host.split('.').next().unwrap_or_default();
        let mut letters = first.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    });
    let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
    Ok((format!("AWSServiceRoleFor{base}{suffix}"), format!("{PREFIX}{service}/")))
}

/// True for a service-linked role.
pub fn is_linked(role: &Role) -> bool {
    role.path.starts_with(PREFIX)
}

/// Refuses to change a service-linked role as if it were an ordinary one.
pub fn check_modifiable(role: &Role) -> Result<(), Error> {
    match is_linked(role) {
        true => {
            let text = format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                role.name
            );
            Err(Error::Unmodifiable(text))
        }
        false => Ok(()),
    }
}
