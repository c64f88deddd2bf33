//! Hits and misses. A mock's answer names its request, so that a hit is seen by the id of an earlier one.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use plan::definition::{
    ApiDefinition, IntegrationDefinition, MethodDefinition, MethodSettings, PublishedStage,
    ResourceDefinition,
};

use super::*;
use crate::tests::{World, mock, resource};

fn cached(keys: &[&str]) -> MethodDefinition {
    let mut method = mock();
    let integration = method.integration.as_mut().unwrap();
    integration.cache_key_parameters = keys.iter().map(|key| (*key).to_owned()).collect();
    method
}

fn stage(settings: MethodSettings) -> PublishedStage {
    PublishedStage {
        cache_cluster_size: Some("0.5".to_owned()),
        method_settings: [("*/*".to_owned(), settings)].into(),
        ..PublishedStage::default()
    }
}

async fn world(stage: PublishedStage, resources: Vec<ResourceDefinition>) -> World {
    let world = World::new();
    world.publish_api(stage, ApiDefinition { resources, ..ApiDefinition::default() }).await;
    world
}

fn id(answer: &crate::tests::Answer) -> String {
    assert_eq!((answer.status, answer.body.as_str()), (200, "fine"));
    answer.headers["x-id"].to_str().unwrap().to_owned()
}

/// Sends requests (a target and headers) and shows which of them met the same answer: `AAB`.
async fn check(world: &World, requests: &[(&str, &[(&str, &str)])], expect: &str) {
    let (mut seen, mut shown) = (Vec::new(), String::new());
    for (target, headers) in requests {
        let id = id(&world.get(target, headers).await);
        let at = seen.iter().position(|known| *known == id).unwrap_or(seen.len());
        if at == seen.len() {
            seen.push(id);
        }
        shown.push(char::from(b'A' + at as u8));
    }
    assert_eq!(shown, expect, "{requests:?}");
}

#[tokio::test]
async fn answers_are_told_apart_by_their_cache_keys_alone() {
    let keys = ["method.request.querystring.q", "method.request.header.X-Who", "method.request.path.name"];
    let resources = vec![
        resource("/a/{name}", "GET", cached(&keys)),
        resource("/plain/{name}", "GET", cached(&[])),
        resource("/post", "POST", cached(&[])),
    ];
    let world = world(stage(MethodSettings::default()), resources).await;
    check(&world, &[("/a/x", &[]), ("/a/x", &[]), ("/a/y", &[]), ("/a/x?other=1", &[])], "AABA").await;
    check(&world, &[("/a/x?q=1", &[]), ("/a/x?q=2", &[]), ("/a/x?q=1&q=2", &[]), ("/a/x?q=1", &[])], "ABCA")
        .await;
    check(&world, &[("/a/x?q=1&q=2", &[]), ("/a/x?q=12", &[]), ("/a/x?q", &[]), ("/a/x", &[])], "ABCD").await;
    check(
        &world,
        &[
            ("/a/x", &[("x-who", "a")]),
            ("/a/x", &[("X-Who", "b")]),
            ("/a/x", &[("authorization", "c")]),
            ("/a/x", &[]),
        ],
        "ABCC",
    )
    .await;
    // AWS: a path parameter that is no cache key tells nothing apart.
    check(&world, &[("/plain/x", &[]), ("/plain/y", &[])], "AA").await;
    let mut posted = Vec::new();
    for _ in 0..2 {
        posted.push(id(&world.send("POST", "/post", &[], "").await));
    }
    assert_ne!(posted[0], posted[1], "other methods are not cached by themselves");
}

#[tokio::test]
async fn namespaces_are_shared() {
    let mut shared = cached(&[]);
    shared.integration = shared
        .integration
        .map(|integration| IntegrationDefinition { cache_namespace: Some("both".to_owned()), ..integration });
    let resources = vec![
        resource("/a", "GET", shared.clone()),
        resource("/bb", "GET", shared),
        resource("/ccc", "GET", cached(&[])),
    ];
    let world = world(stage(MethodSettings::default()), resources).await;
    check(&world, &[("/a", &[]), ("/bb", &[]), ("/ccc", &[])], "AAB").await;
}

#[tokio::test]
async fn entries_end() {
    let resources = || vec![resource("/a", "GET", cached(&[]))];
    let of = |ttl| MethodSettings { cache_ttl_seconds: Some(ttl), ..MethodSettings::default() };
    let world = world(stage(of(10)), resources()).await;
    let first = id(&world.get("/a", &[]).await);
    world.pass(Duration::from_secs(9));
    assert_eq!(id(&world.get("/a", &[]).await), first);
    world.pass(Duration::from_secs(1));
    let second = id(&world.get("/a", &[]).await);
    assert_ne!(second, first);
    // Deploying anew keeps the entries, a flush does not, nor does another size.
    let api = || ApiDefinition { resources: resources(), ..ApiDefinition::default() };
    world.publish_api(PublishedStage { deployment_id: "next".to_owned(), ..stage(of(10)) }, api()).await;
    assert_eq!(id(&world.get("/a", &[]).await), second);
    world.publish_api(PublishedStage { cache_epoch: 1, ..stage(of(10)) }, api()).await;
    let third = id(&world.get("/a", &[]).await);
    assert_ne!(third, second);
    let larger = Some("1.6".to_owned());
    world
        .publish_api(PublishedStage { cache_epoch: 1, cache_cluster_size: larger, ..stage(of(10)) }, api())
        .await;
    assert_ne!(id(&world.get("/a", &[]).await), third);
}

#[tokio::test]
async fn who_may_not_have_a_fresh_answer() {
    let fresh: &[(&str, &str)] = &[("cache-control", "no-transform, Max-Age=0")];
    let with = |needs: Option<bool>, strategy: &str| MethodSettings {
        require_authorization_for_cache_control: needs,
        unauthorized_cache_control_header_strategy: Some(strategy.to_owned()),
        ..MethodSettings::default()
    };
    let resources = || vec![resource("/a", "GET", cached(&[]))];
    let asked = async |settings| {
        let world = world(stage(settings), resources()).await;
        let first = id(&world.get("/a", &[]).await);
        let answer = world.get("/a", fresh).await;
        let warning = answer.headers.get("warning").map(|value| value.to_str().unwrap().to_owned());
        let is_same = answer.status == 200 && id(&answer) == first;
        let is_later_same = answer.status == 200 && id(&world.get("/a", &[]).await) == id(&answer);
        (answer.status, is_same, is_later_same, warning)
    };
    let warning = Some(IGNORED.to_str().unwrap().to_owned());
    assert_eq!(asked(with(None, "SUCCEED_WITH_RESPONSE_HEADER")).await, (200, true, true, warning.clone()));
    assert_eq!(asked(MethodSettings::default()).await, (200, true, true, warning));
    assert_eq!(asked(with(Some(true), "SUCCEED_WITHOUT_RESPONSE_HEADER")).await, (200, true, true, None));
    assert_eq!(asked(with(Some(true), "FAIL_WITH_403")).await, (403, false, false, None));
    // Without the need for a permission everybody may, and what comes takes the entry's place.
    assert_eq!(asked(with(Some(false), "FAIL_WITH_403")).await, (200, false, true, None));
}

fn place(bytes: u64) -> Place {
    let entries = Cache::with_weighter(ENTRIES, bytes, ByBytes);
    let cache = Arc::new(StageCache { entries, bytes, epoch: 0 });
    Place { cache, key: b"key".to_vec(), ttl: Duration::from_secs(1), warns: false }
}

/// Passes an answer of these parts through a cache; gives what the client got and what was kept.
async fn kept(status: u16, parts: Vec<Result<Bytes, std::io::Error>>) -> (usize, Option<usize>) {
    let world = World::new();
    let place = place(1 << 29);
    let cache = Arc::clone(&place.cache);
    let mut response = Response::new(OutBody::Stream(futures_util::stream::iter(parts).boxed()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let OutBody::Stream(body) = place.keep(&world.host.clock, response).into_body() else { unreachable!() };
    let got = body.map_ok(|part| part.len()).try_fold(0, |sum, more| async move { Ok(sum + more) }).await;
    (got.unwrap_or(0), cache.entries.get(&b"key".to_vec()).map(|entry| entry.body.len()))
}

#[tokio::test]
async fn streamed_answers() {
    let part = |bytes: usize| Ok(Bytes::from(vec![7; bytes]));
    assert_eq!(kept(200, vec![part(10), part(20)]).await, (30, Some(30)));
    assert_eq!(kept(404, vec![part(10)]).await, (10, Some(10)));
    assert_eq!(kept(500, vec![part(10)]).await, (10, None));
    assert_eq!(kept(200, vec![part(1 << 20)]).await, (1 << 20, Some(1 << 20)));
    assert_eq!(kept(200, vec![part(1 << 20), part(1), part(1)]).await, ((1 << 20) + 2, None));
    assert_eq!(kept(200, vec![part(10), Err(std::io::Error::other("broken")), part(1)]).await, (0, None));
}

#[test]
fn memory_is_bounded() {
    let place = place(1 << 20);
    for number in 0..1000_u32 {
        let body = Bytes::from(vec![1; 10_000]);
        let entry = Entry {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            bytes: body.len() + ENTRY_OVERHEAD,
            body,
            expires: Duration::from_secs(1),
        };
        place.cache.entries.insert(number.to_le_bytes().to_vec(), Arc::new(entry));
    }
    assert!(place.cache.entries.weight() <= 1 << 20, "{}", place.cache.entries.weight());
    assert!(place.cache.entries.len() > 50, "{}", place.cache.entries.len());
}

#[tokio::test]
#[ignore = "a measurement: prints what a hit costs"]
async fn what_a_hit_costs() {
    const REQUESTS: u32 = 20_000;
    let resources = vec![
        resource("/a", "GET", cached(&["method.request.querystring.q"])),
        resource("/b/c", "GET", mock()),
    ];
    let world =
        world(stage(MethodSettings { caching_enabled: Some(false), ..MethodSettings::default() }), resources)
            .await;
    let resources = vec![resource("/a", "GET", cached(&["method.request.querystring.q"]))];
    let other = self::world(stage(MethodSettings::default()), resources).await;
    for (name, world) in [("mock", &world), ("hit", &other), ("mock", &world), ("hit", &other)] {
        let started = Instant::now();
        for _ in 0..REQUESTS {
            assert_eq!(world.get("/a?q=1", &[]).await.status, 200);
        }
        println!("{name}: {:?} a request", started.elapsed() / REQUESTS);
    }
}
