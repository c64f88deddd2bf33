//! Invocations that are sent to a busy environment ahead of time: each runs once, and none waits for one that turns out to be slow.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use kernel::functions::{Answer, Compute, FunctionVersion};
use serde_json::json;

use crate::harness::{World, good};

/// What `n` asks for: below zero something that takes long or ends the process, else an answer at once.
const PYTHON: &str = "import os, time\ndef handler(event, context):\n  n = event['n']\n  print('at', n)\n  if n == -1:\n    time.sleep(2)\n  \
                      if n == -2:\n    os._exit(3)\n  while n == -3:\n    pass\n  return n";
const NODE: &str = "exports.handler = async ({ n }) => { console.log('at', n); if (n === -1) await new Promise((r) => setTimeout(r, 2000)); \
                    if (n === -2) process.exit(3); while (n === -3); return n }";

fn functions(world: &World) -> [Arc<FunctionVersion>; 2] {
    let short = |version: &mut FunctionVersion| version.timeout_ms = 3_000;
    [
        world.function("python3.11", &[("app.py", PYTHON)], short),
        world.function("nodejs20.x", &[("app.js", NODE)], short),
    ]
}

fn invoke<'a>(world: &'a World, function: &'a Arc<FunctionVersion>, n: i64) -> BoxFuture<'a, Answer> {
    async move { world.invoke(function, &json!({ "n": n }).to_string()).await }.boxed()
}

/// Many short invocations at once, so that the fleet knows that they are short, and has an environment or two.
async fn warm(world: &World, function: &Arc<FunctionVersion>) {
    for _ in 0..20 {
        invoke(world, function, 0).await;
    }
    join_all((0..50).map(|_| invoke(world, function, 0))).await;
    world.logs.take();
}

/// Each number was seen once, within its own START and END.
fn check_log(world: &World, mut expect: Vec<i64>) {
    let mut seen = Vec::new();
    for lines in world.logs.take_by_stream() {
        let mut lines = lines.iter().filter(|line| !line.starts_with("INIT_START")).peekable();
        while let Some(start) = lines.next() {
            assert!(start.starts_with("START "), "{start}");
            let at = lines.next().unwrap_or_else(|| panic!("nothing after {start}"));
            let (_, number) = at.trim_end().rsplit_once(' ').unwrap();
            seen.push(number.parse::<i64>().unwrap_or_else(|_| panic!("{at}")));
            while lines.next_if(|line| !line.starts_with("END ")).is_some() {}
            assert!(lines.next().is_some_and(|line| line.starts_with("END ")), "{at}");
            assert!(lines.next().is_some_and(|line| line.starts_with("REPORT ")), "{at}");
        }
    }
    seen.sort_unstable();
    expect.sort_unstable();
    assert_eq!(seen, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_runs_once_and_is_answered_with_its_own() {
    let world = World::new();
    for function in functions(&world) {
        warm(&world, &function).await;
        let answers = join_all((0..200).map(|n| invoke(&world, &function, n))).await;
        let numbers: Vec<_> = answers.iter().map(good).collect();
        assert_eq!(numbers, (0..200).map(|n| json!(n)).collect::<Vec<_>>());
        check_log(&world, (0..200).collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_behind_a_slow_one() {
    let world = World::new();
    for function in functions(&world) {
        warm(&world, &function).await;
        let all = [(0..5).collect(), vec![-1], (5..40).collect::<Vec<_>>()].concat();
        let mut slow = None;
        let mut short = Vec::new();
        for n in all.clone() {
            let call = world.spawn(&function, &json!({ "n": n }).to_string());
            if n < 0 { slow = Some(call) } else { short.push(call) }
        }
        let slow = slow.unwrap();
        let answers = join_all(short).await;
        assert!(!slow.is_finished(), "the short ones were done first");
        assert!(answers.into_iter().all(|answer| !answer.unwrap().is_error));
        assert_eq!(good(&slow.await.unwrap()), json!(-1));
        check_log(&world, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ends_the_process_ends_alone() {
    let world = World::new();
    for function in functions(&world) {
        for bad in [-2, -3] {
            warm(&world, &function).await;
            let all = [(0..10).collect(), vec![bad], (10..60).collect::<Vec<_>>()].concat();
            let answers = join_all(all.iter().map(|n| invoke(&world, &function, *n))).await;
            for (n, answer) in all.iter().zip(&answers) {
                assert_eq!(answer.is_error, *n < 0, "{n}: {:?}", answer.payload);
            }
            check_log(&world, all);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_events_go_beside_short_ones() {
    let world = World::new();
    for function in functions(&world) {
        warm(&world, &function).await;
        let event =
            |n: usize| json!({ "n": n, "long": "x".repeat(if n.is_multiple_of(5) { 100_000 } else { 0 }) });
        let calls = (0..100).map(|n| world.spawn(&function, &event(n).to_string()));
        let answers = join_all(calls.collect::<Vec<_>>()).await;
        let numbers: Vec<_> = answers.into_iter().map(|answer| good(&answer.unwrap())).collect();
        assert_eq!(numbers, (0..100).map(|n| json!(n)).collect::<Vec<_>>());
        check_log(&world, (0..100).collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_function_loses_nobody() {
    let world = World::new();
    for function in functions(&world) {
        warm(&world, &function).await;
        let calls: Vec<_> =
            (0..100).map(|n| world.spawn(&function, &json!({ "n": n }).to_string())).collect();
        while world.fleet.environments(&function.arn, "$LATEST").1 == 0 {
            tokio::task::yield_now().await;
        }
        world.fleet.retire(&function.arn, "$LATEST", None);
        let answers = join_all(calls).await;
        assert!(answers.into_iter().all(|answer| !answer.unwrap().is_error));
        check_log(&world, (0..100).collect());
    }
}
