//! `TestInvokeAuthorizer`: an authorizer is asked as it is now, without a deployment; nothing is remembered, and the log is the answer's.
//!
//! AWS: TestInvokeAuthorizer. The method's ARN names the stage `ESTestInvoke-stage`, the request's context `test-invoke-stage`, as AWS's logs
//! show. A policy that denies is an answer like another: the status tells only whether the authorizer did its work.

use std::sync::Arc;

use bytes::Bytes;
use kernel::exchange::{TestAuthorizer, TestMethod, TestedAuthorizer};
use plan::definition::{MethodDefinition, PublishedDeployment, PublishedStage, ResourceDefinition};
use plan::{Asks, Authorizer, Plan};
use serde_json::{Map, Value};

use crate::Gateway;
use crate::authorize::{jwt, lambda, masked, misconfigured};
use crate::exchange::Exchange;
use crate::response::{GatewayResponse, Kind};
use crate::test_invoke;
use crate::trail::Trail;

/// The stage's name in the method's ARN.
const ARN_STAGE: &str = "ESTestInvoke-stage";
/// The resource's id in events.
const RESOURCE: &str = "test-invoke-resource-id";

/// Tries an authorizer; `None` if the snapshot has no such authorizer.
pub(crate) async fn test(gateway: &Gateway, test: TestAuthorizer) -> Option<TestedAuthorizer> {
    let mut deployment: PublishedDeployment = serde_json::from_str(&test.snapshot).ok()?;
    let definition = deployment.api.authorizers.get(&test.authorizer_id)?.clone();
    let stage = test_invoke::stage(&deployment, &test.stage_variables);
    let authorizer = Authorizer::compile(&definition, &stage);
    let authorizer = authorizer.map(|authorizer| Authorizer { ttl_s: 0, ..authorizer });
    // AWS: the request goes to the root, whatever the API's resources are.
    deployment.api.resources = vec![ResourceDefinition {
        id: RESOURCE.to_owned(),
        path: "/".to_owned(),
        methods: [("GET".to_owned(), MethodDefinition::default())].into(),
        ..ResourceDefinition::default()
    }];
    let mut exchange = exchange(gateway, &test, deployment, stage)?;
    let started = gateway.host.clock.monotonic();
    let mut tested = TestedAuthorizer::default();
    let answered = match &authorizer {
        Ok(authorizer) => ask(gateway, &mut exchange, authorizer, (&test, &mut tested)).await,
        Err(why) => Err(misconfigured(&mut exchange, why)),
    };
    tested.client_status = match answered {
        Ok(()) => 200,
        Err(refused) => {
            exchange.trail.line(|| match refused.kind {
                Kind::Unauthorized => refused.message().to_owned(),
                Kind::AuthorizerConfigurationError => "AuthorizerConfigurationException".to_owned(),
                _ => "AuthorizerFailureException".to_owned(),
            });
            refused.status()
        }
    };
    let latency = gateway.host.clock.monotonic().saturating_sub(started);
    tested.latency_ms = i64::try_from(latency.as_millis()).unwrap_or(i64::MAX);
    tested.log = test_invoke::log(gateway, &mut exchange);
    Some(tested)
}

fn exchange(
    gateway: &Gateway,
    test: &TestAuthorizer,
    deployment: PublishedDeployment,
    stage: PublishedStage,
) -> Option<Exchange> {
    let path_with_query = test.path_with_query.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
    let method = TestMethod {
        http_method: "GET".to_owned(),
        headers: test.headers.clone(),
        body: Bytes::clone(&test.body),
        ..TestMethod::default()
    };
    let plan = Arc::new(Plan::compile(stage, deployment));
    let root = Arc::clone(plan.router.find("GET", "/")?.entry);
    let mut exchange = test_invoke::exchange(gateway, plan, method, path_with_query)?;
    (exchange.method, exchange.trail) = (Some(root), Trail::whole());
    Some(exchange)
}

async fn ask(
    gateway: &Gateway,
    exchange: &mut Exchange,
    authorizer: &Authorizer,
    (test, tested): (&TestAuthorizer, &mut TestedAuthorizer),
) -> Result<(), GatewayResponse> {
    if let Asks::Jwt { .. } = authorizer.asks {
        let token = match jwt::admit(gateway, exchange, authorizer).await {
            Ok(token) => token,
            Err(bad) => return Err(jwt::refused(exchange, &bad)),
        };
        tested.claims = texts(token.claims()).collect();
        return Ok(());
    }
    let stage = &exchange.plan.stage;
    let arn =
        format!("arn:aws:execute-api:{}:{}:{}/{ARN_STAGE}/GET/", stage.region, stage.account, stage.api_id);
    let question = lambda::question(exchange, authorizer, &test.additional_context)?;
    let (verdict, _) = lambda::call(gateway, exchange, authorizer, (&question, &arn)).await?;
    exchange
        .trail
        .line(|| format!("Using valid authorizer policy for principal: {}", masked(&verdict.principal_id)));
    exchange.trail.line(|| "Successfully completed authorizer execution");
    tested.authorization = texts(&verdict.context).map(|(name, value)| (name, vec![value])).collect();
    tested.policy = Some(verdict.document.to_string());
    tested.principal_id = Some(verdict.principal_id);
    Ok(())
}

fn texts(map: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
}

#[cfg(test)]
mod tests;
