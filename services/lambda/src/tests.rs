//! The service as a whole, over stores in memory and a fleet that plays functions.

mod house;

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use house::{House, arn, create};
use kernel::Failure;
use kernel::identity::Principal;

use crate::generated::*;

fn text<T>(result: Result<T, Failure>) -> String {
    result.err().expect("it fails").to_string()
}

fn invoke(name: &str) -> InvocationRequest {
    InvocationRequest { function_name: name.to_owned(), ..Default::default() }
}

fn permission(name: &str, qualifier: Option<&str>) -> AddPermissionRequest {
    AddPermissionRequest {
        function_name: name.to_owned(),
        statement_id: "gateway".to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        principal: "apigateway.amazonaws.com".to_owned(),
        qualifier: qualifier.map(str::to_owned),
        ..Default::default()
    }
}

async fn state(house: &House, name: &str) -> (Option<String>, Option<String>) {
    let req = GetFunctionConfigurationRequest { function_name: name.to_owned(), qualifier: None };
    let found = house.call(req).await.unwrap();
    (found.state, found.last_update_status)
}

#[tokio::test]
async fn a_new_function_is_pending_and_a_call_waits_for_it() {
    let house = House::new();
    let made = house.call(create("hello")).await.unwrap();
    assert_eq!((made.state.as_deref(), made.last_update_status), (Some("Pending"), None));
    assert_eq!(state(&house, "hello").await, (Some("Pending".to_owned()), Some("InProgress".to_owned())));
    let req = InvocationRequest {
        payload: Some(Bytes::from_static(b"[1]")),
        log_type: Some("Tail".to_owned()),
        client_context: Some("eyJhIjoxfQ==".to_owned()),
        ..invoke("hello")
    };
    let answer = house.call(req).await.unwrap();
    assert_eq!(answer.payload.as_deref(), Some(&b"[1]"[..]));
    assert_eq!((answer.status_code, answer.executed_version.as_deref()), (Some(200), Some("$LATEST")));
    assert_eq!(answer.log_result.as_deref(), Some("U1RBUlQKRU5ECg=="));
    assert_eq!(state(&house, "hello").await, (Some("Active".to_owned()), Some("Successful".to_owned())));
    let (_, invocation) = house.fleet.calls.lock().unwrap().pop().unwrap();
    assert_eq!(invocation.invoked_arn, arn("hello"));
    assert_eq!(invocation.client_context.as_deref(), Some("{\"a\":1}"));
}

#[tokio::test]
async fn calls_and_changes_that_meet_a_long_preparation_are_refused_in_the_end() {
    let house = House::new();
    house.fleet.is_stuck.store(true, Ordering::Relaxed);
    house.call(create("slow")).await.unwrap();
    let update = UpdateFunctionConfigurationRequest {
        function_name: "slow".to_owned(),
        timeout: Some(9),
        ..Default::default()
    };
    let (called, changed, ()) = tokio::join!(house.call(invoke("slow")), house.call(update), async {
        house.settle().await;
        house.clock.advance(Duration::from_secs(11));
    });
    let refused = "ResourceConflictException: The operation cannot be performed at this time.";
    assert_eq!(text(called), format!("{refused} The function is currently in the following state: Pending"));
    assert_eq!(text(changed), format!("{refused} An update is in progress for resource: {}", arn("slow")));
}

#[tokio::test]
async fn a_preparation_that_a_crash_interrupted_is_done_at_the_next_start() {
    let before = House::new();
    before.fleet.is_stuck.store(true, Ordering::Relaxed);
    before.call(create("hello")).await.unwrap();
    before.settle().await;
    let after = before.again();
    assert_eq!(state(&after, "hello").await.0.as_deref(), Some("Pending"));
    after.tick().await;
    assert_eq!(state(&after, "hello").await.0.as_deref(), Some("Active"));
}

#[tokio::test]
async fn a_service_is_let_in_by_the_policy_of_what_it_calls_and_at_once() {
    let house = House::new();
    house.function("hello").await;
    let alias = CreateAliasRequest {
        function_name: "hello".to_owned(),
        name: "prod".to_owned(),
        function_version: "$LATEST".to_owned(),
        ..Default::default()
    };
    house.call(alias).await.unwrap();
    let denied = "AccessDeniedException: User: apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction on \
                  resource: arn:aws:lambda:us-east-1:000000000000:function:hello because no resource-based policy allows the \
                  lambda:InvokeFunction action";
    assert_eq!(text(house.gateway_call(&arn("hello"), false).await), denied);
    house.call(permission("hello", None)).await.unwrap();
    assert_eq!(house.gateway_call(&arn("hello"), false).await.unwrap().payload, "{\"a\":1}");
    // The function's policy does not speak for its alias.
    assert!(house.gateway_call(&arn("hello:prod"), false).await.is_err());
    house.call(permission("hello", Some("prod"))).await.unwrap();
    house.gateway_call(&arn("hello:prod"), false).await.unwrap();
    let remove = RemovePermissionRequest {
        function_name: "hello".to_owned(),
        statement_id: "gateway".to_owned(),
        ..Default::default()
    };
    house.call(remove).await.unwrap();
    assert_eq!(text(house.gateway_call(&arn("hello"), false).await), denied);
    house.gateway_call(&arn("hello:prod"), false).await.unwrap();
}

#[tokio::test]
async fn another_account_is_let_in_by_the_policy_only() {
    let house = House::new();
    house.function("hello").await;
    let stranger = || Principal::root("111122223333", "");
    assert!(
        text(house.call_as(stranger(), invoke(&arn("hello"))).await).starts_with("AccessDeniedException")
    );
    let open = AddPermissionRequest { principal: "111122223333".to_owned(), ..permission("hello", None) };
    house.call(open).await.unwrap();
    house.call_as(stranger(), invoke(&arn("hello"))).await.unwrap();
    let get = GetFunctionRequest { function_name: arn("hello"), qualifier: None };
    assert!(text(house.call_as(stranger(), get).await).starts_with("AccessDeniedException"));
}

#[tokio::test]
async fn a_warm_call_does_not_look_at_the_store() {
    let house = House::new();
    house.function("hello").await;
    house.call(permission("hello", None)).await.unwrap();
    house.gateway_call(&arn("hello"), false).await.unwrap();
    let before = house.store.snapshots.load(Ordering::Relaxed);
    for _ in 0..10 {
        house.gateway_call(&arn("hello"), false).await.unwrap();
        house.call(invoke("hello")).await.unwrap();
    }
    assert_eq!(house.store.snapshots.load(Ordering::Relaxed), before);
}

#[tokio::test]
async fn an_alias_with_weights_calls_both_versions() {
    let house = House::new();
    house.function("hello").await;
    let publish = || PublishVersionRequest { function_name: "hello".to_owned(), ..Default::default() };
    assert_eq!(house.call(publish()).await.unwrap().version.as_deref(), Some("1"));
    assert_eq!(house.call(publish()).await.unwrap().version.as_deref(), Some("1"));
    let update = UpdateFunctionCodeRequest {
        function_name: "hello".to_owned(),
        zip_file: Some(Bytes::from_static(b"PK second")),
        publish: Some(true),
        ..Default::default()
    };
    let second = house.call(update).await.unwrap();
    assert_eq!((second.version.as_deref(), second.function_arn), (Some("2"), Some(arn("hello:2"))));
    let alias = CreateAliasRequest {
        function_name: "hello".to_owned(),
        name: "prod".to_owned(),
        function_version: "1".to_owned(),
        description: None,
        routing_config: Some(AliasRoutingConfiguration {
            additional_version_weights: Some([("2".to_owned(), 0.5)].into()),
        }),
    };
    house.call(alias).await.unwrap();
    for _ in 0..200 {
        let req = InvocationRequest { qualifier: Some("prod".to_owned()), ..invoke("hello") };
        house.call(req).await.unwrap();
    }
    let counts = house.versions_called();
    assert!(counts["1"] > 50 && counts["2"] > 50, "{counts:?}");
    // Both packages are still there: version 1 needs the first.
    assert_eq!(house.blobs.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn reserved_concurrency_of_zero_stops_a_function_at_once() {
    let house = House::new();
    house.function("hello").await;
    house.call(invoke("hello")).await.unwrap();
    let stop = |reserved| PutFunctionConcurrencyRequest {
        function_name: "hello".to_owned(),
        reserved_concurrent_executions: reserved,
    };
    house.call(stop(0)).await.unwrap();
    let failure = house.call(invoke("hello")).await.unwrap_err();
    let Failure::Exception(exception) = failure else { panic!("{failure}") };
    assert_eq!(
        (exception.code.as_ref(), exception.status, exception.message.as_str()),
        ("TooManyRequestsException", 429, "Rate Exceeded.")
    );
    assert!(exception.fields.iter().any(|(name, value)| {
        *name == "Reason" && value.as_str() == Some("ReservedFunctionConcurrentInvocationLimitExceeded")
    }));
    assert!(text(house.call(stop(901)).await).contains("below its minimum value of [100]."));
    house.call(stop(900)).await.unwrap();
    house.call(invoke("hello")).await.unwrap();
}

#[tokio::test]
async fn an_event_is_run_once_and_a_failing_one_three_times() {
    let house = House::new();
    house.function("hello").await;
    house.function("fails").await;
    let event = |name: &str| InvocationRequest { invocation_type: Some("Event".to_owned()), ..invoke(name) };
    assert_eq!(house.call(event("hello")).await.unwrap().status_code, Some(202));
    house.settle().await;
    assert_eq!(house.fleet.calls.lock().unwrap().drain(..).count(), 1);
    house.call(event("fails")).await.unwrap();
    house.settle().await;
    let calls = || house.fleet.calls.lock().unwrap().len();
    assert_eq!(calls(), 1);
    house.clock.advance(Duration::from_secs(59));
    house.tick().await;
    assert_eq!(calls(), 1);
    house.clock.advance(Duration::from_secs(2));
    house.tick().await;
    assert_eq!(calls(), 2);
    house.clock.advance(Duration::from_secs(119));
    house.tick().await;
    assert_eq!(calls(), 2);
    house.clock.advance(Duration::from_secs(2));
    house.tick().await;
    assert_eq!(calls(), 3);
    house.clock.advance(Duration::from_secs(3600));
    house.tick().await;
    assert_eq!(calls(), 3);
    let ids: Vec<String> =
        house.fleet.calls.lock().unwrap().iter().map(|(_, call)| call.request_id.clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn settings_for_events_have_effect() {
    let house = House::new();
    house.function("fails").await;
    let never = PutFunctionEventInvokeConfigRequest {
        function_name: "fails".to_owned(),
        maximum_retry_attempts: Some(0),
        ..Default::default()
    };
    house.call(never).await.unwrap();
    let event = || InvocationRequest { invocation_type: Some("Event".to_owned()), ..invoke("fails") };
    house.call(event()).await.unwrap();
    house.settle().await;
    house.clock.advance(Duration::from_secs(61));
    house.tick().await;
    assert_eq!(house.fleet.calls.lock().unwrap().len(), 1);
    // Stopped: events are taken and given up, not kept for later.
    let stop = PutFunctionConcurrencyRequest {
        function_name: "fails".to_owned(),
        reserved_concurrent_executions: 0,
    };
    house.call(stop).await.unwrap();
    assert_eq!(house.call(event()).await.unwrap().status_code, Some(202));
    house.settle().await;
    let free = DeleteFunctionConcurrencyRequest { function_name: "fails".to_owned() };
    house.call(free).await.unwrap();
    house.clock.advance(Duration::from_secs(3600));
    house.tick().await;
    assert_eq!(house.fleet.calls.lock().unwrap().len(), 1);
}

#[test]
fn an_accepted_event_survives_a_crash() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let crashed = runtime();
    let before = crashed.block_on(async {
        let house = House::new();
        house.function("hello").await;
        house.call(permission("hello", None)).await.unwrap();
        house.fleet.is_stuck.store(true, Ordering::Relaxed);
        let update = UpdateFunctionConfigurationRequest {
            function_name: "hello".to_owned(),
            timeout: Some(9),
            ..Default::default()
        };
        house.call(update).await.unwrap();
        // Accepted at once although the function is not ready; not run before the crash.
        house.gateway_call(&arn("hello"), true).await.unwrap();
        house.settle().await;
        assert!(house.fleet.calls.lock().unwrap().is_empty());
        house
    });
    drop(crashed);
    runtime().block_on(async {
        let after = before.again();
        after.tick().await;
        assert!(
            after.fleet.calls.lock().unwrap().is_empty(),
            "the lease of the one that crashed still holds"
        );
        after.clock.advance(Duration::from_secs(30));
        after.tick().await;
        let calls = after.fleet.calls.lock().unwrap();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].1.payload.event, "{\"a\":1}");
    });
}

#[tokio::test]
async fn the_address_of_the_code_works_for_ten_minutes() {
    let house = House::new();
    house.function("hello").await;
    let found =
        house.call(GetFunctionRequest { function_name: "hello".to_owned(), qualifier: None }).await.unwrap();
    let location = found.code.unwrap().location.unwrap();
    let token = location.strip_prefix("http://127.0.0.1:4566/_loggia/lambda/code/").unwrap();
    let download = async |token: &str| crate::code_download(&house.host, &house.state, token).await.unwrap();
    assert_eq!(download(token).await.unwrap(), "PK first");
    assert_eq!(download(&token.replace("17000006", "17900006")).await, None);
    assert_eq!(download("nonsense").await, None);
    house.clock.advance(Duration::from_secs(601));
    assert_eq!(download(token).await, None);
}

#[tokio::test]
async fn deleting_a_function_leaves_nothing_behind() {
    let house = House::new();
    let req = CreateFunctionRequest { publish: Some(true), ..create("hello") };
    assert_eq!(house.call(req).await.unwrap().version.as_deref(), Some("1"));
    house.settle().await;
    let get = |qualifier: &str| GetFunctionConfigurationRequest {
        function_name: "hello".to_owned(),
        qualifier: Some(qualifier.to_owned()),
    };
    assert_eq!(house.call(get("1")).await.unwrap().state.as_deref(), Some("Active"));
    house.call(invoke("hello")).await.unwrap();
    let delete = DeleteFunctionRequest { function_name: "hello".to_owned(), qualifier: None };
    house.call(delete).await.unwrap();
    house.settle().await;
    assert!(house.blobs.0.lock().unwrap().is_empty());
    assert_eq!(
        text(house.call(invoke("hello")).await),
        format!("ResourceNotFoundException: Function not found: {}:$LATEST", arn("hello"))
    );
    assert_eq!(
        text(house.call(get("1")).await),
        format!("ResourceNotFoundException: Function not found: {}:1", arn("hello"))
    );
    house.function("hello").await;
    let versions = house
        .call(ListVersionsByFunctionRequest { function_name: "hello".to_owned(), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(versions.versions.unwrap().len(), 1);
}

#[tokio::test]
async fn code_and_role_are_checked() {
    let house = House::new();
    let with = |zip: &'static [u8]| CreateFunctionRequest {
        code: FunctionCode { zip_file: Some(Bytes::from_static(zip)), ..Default::default() },
        ..create("hello")
    };
    assert!(
        text(house.call(with(b"no zip")).await)
            .ends_with("Could not unzip uploaded file. Please check your file, then try to upload again.")
    );
    assert!(
        text(house.call(with(b"PK bomb")).await)
            .ends_with("Unzipped size must be smaller than 262144000 bytes")
    );
    let untrusting = CreateFunctionRequest {
        role: "arn:aws:iam::000000000000:role/untrusting".to_owned(),
        ..create("hello")
    };
    assert!(
        text(house.call(untrusting).await)
            .ends_with("The role defined for the function cannot be assumed by Lambda.")
    );
    assert!(house.blobs.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error_of_the_function() {
    let house = House::new();
    house.function("hello").await;
    *house.fleet.big_answer.lock().unwrap() = Some(6_291_556);
    assert_eq!(house.call(invoke("hello")).await.unwrap().function_error, None);
    *house.fleet.big_answer.lock().unwrap() = Some(6_291_557);
    let answer = house.call(invoke("hello")).await.unwrap();
    assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
    let expected = r#"{"errorMessage":"Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#;
    assert_eq!(answer.payload.as_deref(), Some(expected.as_bytes()));
}

#[tokio::test]
async fn a_function_has_the_layers_it_names_and_keeps_deleted_ones() {
    let house = House::new();
    let publish = PublishLayerVersionRequest {
        layer_name: "tools".to_owned(),
        content: LayerVersionContentInput {
            zip_file: Some(Bytes::from_static(b"PK tools")),
            ..Default::default()
        },
        ..Default::default()
    };
    let layer = house.call(publish).await.unwrap().layer_version_arn.unwrap();
    assert_eq!(layer, "arn:aws:lambda:us-east-1:000000000000:layer:tools:1");
    let with_layer = |name: &str| CreateFunctionRequest { layers: Some(vec![layer.clone()]), ..create(name) };
    let stranger = || Principal::root("111122223333", "");
    assert!(
        text(house.call_as(stranger(), with_layer("theirs")).await)
            .ends_with("allows the lambda:GetLayerVersion action")
    );
    let share = AddLayerVersionPermissionRequest {
        layer_name: "tools".to_owned(),
        version_number: 1,
        statement_id: "all".to_owned(),
        action: "lambda:GetLayerVersion".to_owned(),
        principal: "*".to_owned(),
        ..Default::default()
    };
    house.call(share).await.unwrap();
    house.call_as(stranger(), with_layer("theirs")).await.unwrap();
    house.call(with_layer("hello")).await.unwrap();
    house
        .call(DeleteLayerVersionRequest { layer_name: "tools".to_owned(), version_number: 1 })
        .await
        .unwrap();
    assert!(text(house.call(with_layer("late")).await).ends_with("layer:tools:1 does not exist."));
    house.call(invoke("hello")).await.unwrap();
    let prepared = house.fleet.prepared.lock().unwrap();
    let layers = &prepared.iter().find(|version| version.name == "hello").unwrap().layers;
    assert_eq!(layers.len(), 1);
    assert_eq!(house.blobs.0.lock().unwrap()[&layers[0].blob], "PK tools");
}
