//! Keys, plans and throttles, as requests meet them.

use std::time::{Duration, Instant};

use plan::definition::{
    ApiDefinition, MethodDefinition, MethodSettings, PlanStage, PublishedApiKey, PublishedStage,
    PublishedUsagePlan, Quota, RateAndBurst,
};

use super::*;
use crate::tests::{ACCOUNT, API, REGION, STAGE, World, mock, resource};

const VALUE: &str = "abcdefghij0123456789abcdefghij0123456789";

fn key(id: &str, value: &str, plan_ids: &[&str]) -> PublishedApiKey {
    PublishedApiKey {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        value: value.to_owned(),
        id: id.to_owned(),
        is_enabled: true,
        plan_ids: plan_ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn usage_plan(
    throttle: Option<RateAndBurst>,
    methods: &[(&str, RateAndBurst)],
    limit: Option<i64>,
) -> PublishedUsagePlan {
    PublishedUsagePlan {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        id: "plan".to_owned(),
        stages: vec![PlanStage {
            api_id: API.to_owned(),
            stage: STAGE.to_owned(),
            throttle: methods.iter().map(|(path, limit)| ((*path).to_owned(), limit.clone())).collect(),
        }],
        throttle,
        quota: limit.map(|limit| Quota { limit, offset: 0, period: "DAY".to_owned() }),
    }
}

/// `/keyed` and `/other` want a key, `/open` does not.
async fn world(stage: PublishedStage) -> World {
    let world = World::new();
    let keyed = || MethodDefinition { api_key_required: true, ..mock() };
    let resources = vec![
        resource("/keyed", "GET", keyed()),
        resource("/other", "GET", keyed()),
        resource("/open", "GET", mock()),
    ];
    world.publish_api(stage, ApiDefinition { resources, ..ApiDefinition::default() }).await;
    world
}

/// Sends a request with this key and checks status and message.
async fn check(world: &World, path: &str, key: Option<&str>, expect: (u16, &str)) {
    let headers: Vec<(&str, &str)> = key.map(|key| ("x-api-key", key)).into_iter().collect();
    let answer = world.get(path, &headers).await;
    let text = serde_json::from_str::<serde_json::Value>(&answer.body)
        .ok()
        .and_then(|json| Some(json.get("message")?.as_str()?.to_owned()));
    assert_eq!((answer.status, text.as_deref().unwrap_or(&answer.body)), expect, "{path} with {key:?}");
}

const FINE: (u16, &str) = (200, "fine");
const FORBIDDEN: (u16, &str) = (403, "Forbidden");
const THROTTLED: (u16, &str) = (429, "Too Many Requests");
const EXCEEDED: (u16, &str) = (429, "Limit Exceeded");

fn limit(rate: f64, burst: i64) -> RateAndBurst {
    RateAndBurst { rate, burst }
}

#[tokio::test]
async fn a_key_opens_what_its_plan_has() {
    let world = world(PublishedStage::default()).await;
    check(&world, "/open", None, FINE).await;
    check(&world, "/open", Some("whatever"), FINE).await;
    check(&world, "/keyed", None, FORBIDDEN).await;
    check(&world, "/keyed", Some(""), FORBIDDEN).await;
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
    check(&world, "/keyed", Some(&"x".repeat(5000)), FORBIDDEN).await;
    // A key without a plan, then with one, disabled, enabled, without its plan's stage, deleted.
    world.publish(&key("id", VALUE, &[])).await;
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
    world.publish(&usage_plan(None, &[], None)).await;
    world.publish(&key("id", VALUE, &["plan"])).await;
    check(&world, "/keyed", Some(VALUE), FINE).await;
    check(&world, "/keyed", Some(&VALUE[1..]), FORBIDDEN).await;
    world.publish(&PublishedApiKey { is_enabled: false, ..key("id", VALUE, &["plan"]) }).await;
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
    world.publish(&key("id", VALUE, &["plan"])).await;
    check(&world, "/keyed", Some(VALUE), FINE).await;
    world.publish(&PublishedUsagePlan { stages: Vec::new(), ..usage_plan(None, &[], None) }).await;
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
    world.publish(&usage_plan(None, &[], None)).await;
    check(&world, "/keyed", Some(VALUE), FINE).await;
    let mut tx = world.tx();
    tx.delete::<PublishedApiKey>(&plan::definition::published_key_of_value(ACCOUNT, REGION, VALUE));
    tx.commit().await.unwrap();
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
}

#[tokio::test]
async fn a_key_of_another_account_opens_nothing() {
    let world = world(PublishedStage::default()).await;
    world.publish(&PublishedUsagePlan { account: "1".to_owned(), ..usage_plan(None, &[], None) }).await;
    world.publish(&PublishedApiKey { account: "1".to_owned(), ..key("id", VALUE, &["plan"]) }).await;
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
}

#[tokio::test]
async fn each_key_has_its_own_limits() {
    let world = world(PublishedStage::default()).await;
    world.publish(&usage_plan(Some(limit(1.0, 2)), &[("/other/GET", limit(1.0, 1))], None)).await;
    world.publish(&key("one", VALUE, &["plan"])).await;
    world.publish(&key("two", &VALUE[1..], &["plan"])).await;
    check(&world, "/other", Some(VALUE), FINE).await;
    // Refused by the method's limit, so nothing of the plan's is taken.
    check(&world, "/other", Some(VALUE), THROTTLED).await;
    check(&world, "/keyed", Some(VALUE), FINE).await;
    check(&world, "/keyed", Some(VALUE), THROTTLED).await;
    check(&world, "/open", Some(VALUE), FINE).await;
    check(&world, "/keyed", Some(&VALUE[1..]), FINE).await;
    world.pass(Duration::from_secs(1));
    check(&world, "/keyed", Some(VALUE), FINE).await;
    check(&world, "/keyed", Some(VALUE), THROTTLED).await;
}

#[tokio::test]
async fn what_the_stage_refuses_takes_nothing_of_the_client() {
    let settings = MethodSettings {
        throttling_rate_limit: Some(1.0),
        throttling_burst_limit: Some(1),
        ..MethodSettings::default()
    };
    let method_settings = [("/keyed/GET".to_owned(), settings)].into();
    let world = world(PublishedStage { method_settings, ..PublishedStage::default() }).await;
    world.publish(&usage_plan(Some(limit(0.001, 2)), &[], Some(2))).await;
    world.publish(&key("id", VALUE, &["plan"])).await;
    check(&world, "/keyed", Some(VALUE), FINE).await;
    for _ in 0..5 {
        check(&world, "/keyed", Some(VALUE), THROTTLED).await;
    }
    world.pass(Duration::from_secs(1));
    check(&world, "/keyed", Some(VALUE), FINE).await;
    world.pass(Duration::from_secs(3600));
    check(&world, "/keyed", Some(VALUE), EXCEEDED).await;
    world.pass(Duration::from_secs(24 * 3600));
    check(&world, "/keyed", Some(VALUE), FINE).await;
}

#[tokio::test]
async fn an_authorizer_may_name_the_key() {
    let world = world(PublishedStage::default()).await;
    let resources = vec![resource("/keyed", "GET", MethodDefinition { api_key_required: true, ..mock() })];
    let api =
        ApiDefinition { resources, api_key_source: "AUTHORIZER".to_owned(), ..ApiDefinition::default() };
    world.publish_api(PublishedStage::default(), api).await;
    world.publish(&usage_plan(None, &[], None)).await;
    world.publish(&key("id", VALUE, &["plan"])).await;
    // The header does not count.
    check(&world, "/keyed", Some(VALUE), FORBIDDEN).await;
}

#[test]
fn keys_in_logs() {
    let check = |key: &str, expect: &str| assert_eq!(masked(key), expect);
    check(VALUE, "**********************************456789");
    check("12345678", "******78");
    check("1", "*");
    check("", "");
}

#[tokio::test]
#[ignore = "a measurement: prints what admission costs"]
async fn what_admission_costs() {
    const REQUESTS: u32 = 20_000;
    let world = world(PublishedStage::default()).await;
    world.publish(&usage_plan(Some(limit(1e6, 1_000_000)), &[], Some(i64::MAX / 2))).await;
    world.publish(&key("id", VALUE, &["plan"])).await;
    for (path, key) in [("/open", None), ("/keyed", Some(VALUE)), ("/open", None), ("/keyed", Some(VALUE))] {
        let headers: Vec<(&str, &str)> = key.map(|key| ("x-api-key", key)).into_iter().collect();
        let started = Instant::now();
        for _ in 0..REQUESTS {
            assert_eq!(world.get(path, &headers).await.status, 200);
        }
        println!("{path}: {:?} a request", started.elapsed() / REQUESTS);
    }
}
