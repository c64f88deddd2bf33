//! Mapping templates, rendered for one request or answer.
//!
//! AWS: Mapping template transformations for REST APIs; Variables for data transformations. A template that cannot be read or rendered is
//! 500, and the execution log names the place. What a request template overrides, the response template sees.

use std::borrow::Cow;
use std::rc::Rc;

use plan::{Template, VelocityTemplate};
use vtl::apigateway::{Inputs, Output, Parameters, Variables, render};
use vtl::{Limits, Value};

use crate::context::{self, Answered};
use crate::event::forwarded_headers;
use crate::exchange::Exchange;
use crate::request_mapping::failed;
use crate::response::GatewayResponse;

/// Variables directly beneath `$context` that are texts.
const NAMES: [&str; 18] = [
    "accountId",
    "apiId",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "extendedRequestId",
    "httpMethod",
    "isCanaryRequest",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "stage",
    "xrayTraceId",
    "awsEndpointRequestId",
];
/// Those beneath `$context.identity`.
const IDENTITY_NAMES: [&str; 14] = [
    "accessKey",
    "accountId",
    "apiKey",
    "apiKeyId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "sourceIp",
    "user",
    "userAgent",
    "userArn",
];

/// Renders a template over a body; what it overrides stays in the exchange.
pub(crate) fn rendered(
    exchange: &mut Exchange,
    template: &Template,
    body: Cow<'_, str>,
) -> Result<String, GatewayResponse> {
    match template {
        Template::Text(text) => Ok(text.clone()),
        Template::Broken(why) => {
            Err(failed(exchange, format_args!("Unable to parse the mapping template: {why}")))
        }
        Template::Velocity(template) => velocity(exchange, template, body.into_owned()),
    }
}

fn velocity(
    exchange: &mut Exchange,
    template: &VelocityTemplate,
    body: String,
) -> Result<String, GatewayResponse> {
    let inputs = Inputs {
        body,
        parameters: if template.uses_parameters { parameters(exchange) } else { Parameters::default() },
        stage_variables: match template.uses_stage_variables {
            true => exchange.plan.stage.variables.clone().into_iter().collect(),
            false => Vec::new(),
        },
        variables: Rc::new(match template.uses_context {
            true => Snapshot::of(exchange),
            false => Snapshot::default(),
        }),
        overrides: std::mem::take(&mut exchange.overrides),
    };
    match render(&template.template, inputs, &Limits::default()) {
        Ok(Output { body, overrides }) => {
            exchange.overrides = overrides;
            Ok(body)
        }
        Err(error) => Err(failed(exchange, format_args!("Unable to transform the body: {error}"))),
    }
}

/// What `$input.params` gives: the last value of each name.
fn parameters(exchange: &Exchange) -> Parameters {
    let last = |pairs: &[(&str, Cow<'_, str>)]| {
        let groups = pairs.chunk_by(|(one, _), (other, _)| one == other);
        let last = groups.filter_map(|group| group.last());
        last.map(|(name, value)| ((*name).to_owned(), value.clone().into_owned())).collect()
    };
    let query = exchange.query.grouped();
    let query: Vec<(&str, Cow<'_, str>)> =
        query.iter().map(|(name, value)| (*name, (*value).into())).collect();
    Parameters {
        path: exchange.parameters.clone(),
        querystring: last(&query),
        header: last(&forwarded_headers(exchange)),
    }
}

/// `$context` as it is when a template is rendered.
#[derive(Default)]
struct Snapshot(Vec<(&'static str, Value)>);

impl Snapshot {
    fn of(exchange: &Exchange) -> Snapshot {
        let value = |name: &str| context::value(exchange, Answered::default(), name);
        let mut values: Vec<(&'static str, Value)> = Vec::with_capacity(NAMES.len() + 2);
        for name in NAMES {
            values.extend(value(name).map(|value| (name, Value::text(&*value))));
        }
        let identity = IDENTITY_NAMES
            .iter()
            .filter_map(|name| value(&format!("identity.{name}")).map(|value| (*name, Value::text(&*value))));
        values.push(("identity", Value::map(identity)));
        if let Some(authorized) = &exchange.authorizer {
            let mut members: Vec<(String, Value)> =
                authorized.context.iter().map(|(name, value)| (name.clone(), shown(value))).collect();
            if let Some(principal) = &authorized.principal_id {
                members.push(("principalId".to_owned(), Value::text(principal.as_str())));
            }
            if let Some(claims) = &authorized.claims {
                let claims = claims.iter().map(|(name, value)| (name.clone(), shown(value)));
                members.push(("claims".to_owned(), Value::map(claims)));
            }
            values.push(("authorizer", Value::map(members)));
        }
        Snapshot(values)
    }
}

impl Variables for Snapshot {
    fn context(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

/// A value of an authorizer's: texts as they are, everything else as JSON.
fn shown(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => Value::text(text.as_str()),
        other => Value::text(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
