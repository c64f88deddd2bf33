//! `TestInvokeMethod`: a method is run as it is now, without a deployment, and its execution log is the answer's.
//!
//! AWS: Use the API Gateway console to test a REST API method. Authorization, API keys, throttling and caching take no part; everything
//! from the checks of the method request on does. The stage goes by the name `test-invoke-stage`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use kernel::exchange::{HeaderNames, Inbound, OutBody, TestMethod, Tested};
use plan::Plan;
use plan::definition::{PublishedDeployment, PublishedStage, ResourceDefinition};

use crate::exchange::{Exchange, Ids};
use crate::query::Query;
use crate::response::render;
use crate::trail::Trail;
use crate::{Gateway, execute, validate};

/// The stage's name in events and logs of a test.
const STAGE: &str = "test-invoke-stage";

/// Tries a method; `None` if the snapshot has no such method.
pub(crate) async fn test(gateway: &Gateway, test: TestMethod) -> Option<Tested> {
    let deployment: PublishedDeployment = serde_json::from_str(&test.snapshot).ok()?;
    let resource = deployment.api.resources.iter().find(|resource| resource.id == test.resource_id)?;
    resource.methods.get(&test.http_method)?;
    let path_with_query = path_of(&test, resource);
    let stage = stage(&deployment, &test.stage_variables);
    let (resource_id, http_method) = (test.resource_id.clone(), test.http_method.clone());
    let plan = Arc::new(Plan::compile(stage, deployment));
    let mut exchange = exchange(gateway, plan, test, &path_with_query)?;
    let started = gateway.host.clock.monotonic();
    let answer = match execute::route(&mut exchange) {
        // A path that leads to another resource is tried there by nobody: the client's mistake.
        Ok(())
            if exchange.method().resource_id != resource_id
                || exchange.method().http_method != http_method =>
        {
            None
        }
        Ok(()) => {
            exchange.trail = Trail::whole();
            execute::note_request(&mut exchange);
            Some(match validate::check(&mut exchange).await {
                Ok(()) => execute::integrate(gateway, &mut exchange).await,
                Err(refused) => Err(refused),
            })
        }
        Err(refused) => Some(Err(refused)),
    };
    let response = match answer? {
        Ok(response) => {
            execute::note_response(&mut exchange, &response);
            response
        }
        Err(refused) => render(&mut exchange, &refused),
    };
    let (parts, body) = response.into_parts();
    let body = match body {
        OutBody::Full(bytes) => bytes,
        OutBody::Stream(stream) => {
            stream.map_ok(|part| part.to_vec()).try_concat().await.unwrap_or_default().into()
        }
    };
    exchange.trail.line(|| format!("Method completed with status: {}", parts.status.as_u16()));
    let latency = gateway.host.clock.monotonic().saturating_sub(started);
    Some(Tested {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
        log: log(gateway, &mut exchange),
        latency_ms: i64::try_from(latency.as_millis()).unwrap_or(i64::MAX),
    })
}

/// The stage of a test.
pub(crate) fn stage(
    deployment: &PublishedDeployment,
    variables: &BTreeMap<String, String>,
) -> PublishedStage {
    PublishedStage {
        api_id: deployment.api.id.clone(),
        stage_name: STAGE.to_owned(),
        deployment_id: deployment.id.clone(),
        account: deployment.api.account.clone(),
        region: deployment.api.region.clone(),
        variables: variables.clone(),
        ..PublishedStage::default()
    }
}

/// The client's path, or the resource's own.
fn path_of(test: &TestMethod, resource: &ResourceDefinition) -> String {
    match test.path_with_query.as_deref().filter(|path| !path.is_empty()) {
        Some(path) if path.starts_with('/') => path.to_owned(),
        Some(path) => format!("/{path}"),
        None => resource.path.clone(),
    }
}

/// The request of a test.
pub(crate) fn exchange(
    gateway: &Gateway,
    plan: Arc<Plan>,
    test: TestMethod,
    path_with_query: &str,
) -> Option<Exchange> {
    let (path, query) = match path_with_query.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (path_with_query, None),
    };
    let mut headers = HeaderMap::new();
    let mut head = b"\r\n".to_vec();
    for (name, value) in &test.headers {
        let Ok(known) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        headers.append(known, value);
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b":\r\n");
    }
    let method = if test.http_method == "ANY" { "GET" } else { &test.http_method };
    let domain_name = format!("{}.execute-api.localhost", plan.stage.api_id);
    let parsed = Query::parse(query.as_deref());
    let inbound = Inbound {
        method: Method::from_bytes(method.as_bytes()).ok()?,
        is_tls: true,
        host: domain_name.clone(),
        path: path.to_owned(),
        query,
        version: Version::HTTP_11,
        headers,
        names: HeaderNames::of_head(head.into()),
        body: Bytes::clone(&test.body),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: gateway.host.entropy.uuid(),
        received_ms: gateway.host.clock.now_ms(),
    };
    let ids = Ids::new(&gateway.host, None);
    let full_path = format!("/{STAGE}{path}");
    let started = gateway.host.clock.monotonic();
    let mut exchange = Exchange::new(plan, inbound, ids, (full_path, STAGE.len() + 1), started);
    (exchange.domain_name, exchange.query, exchange.trail) = (domain_name, parsed, Trail::whole());
    Some(exchange)
}

/// The execution log of a test.
pub(crate) fn log(gateway: &Gateway, exchange: &mut Exchange) -> String {
    let moment = jiff::Timestamp::from_millisecond(gateway.host.clock.now_ms()).unwrap_or_default();
    let at = moment.strftime("%a %b %d %H:%M:%S UTC %Y").to_string();
    let mut log = format!("Execution log for request {}\n", exchange.inbound.request_id);
    for line in exchange.trail.take() {
        log.push_str(&format!("{at} : {line}\n"));
    }
    log
}
