//! Measures the fleet without a server around it: `cargo run --release -p fleet --example warm [COUNT]`.

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/environments/harness.rs"]
mod harness;

use std::sync::Arc;
use std::time::Instant;

use harness::{World, invocation};
use kernel::functions::{Compute, FunctionVersion};

const NODE: &str = "exports.handler = async (event) => ({ statusCode: 200, body: '{\"hello\":\"you\"}' });";
const PYTHON: &str =
    "def handler(event, context):\n  return {'statusCode': 200, 'body': '{\"hello\":\"you\"}'}\n";

#[tokio::main]
async fn main() {
    let count: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let world = World::new();
    println!("{}", world.fleet.sandbox_report().summary);
    let memory = |version: &mut FunctionVersion| version.memory_mb = 512;
    let functions = [
        ("Node.js", world.function("nodejs20.x", &[("app.js", NODE)], memory)),
        ("Python", world.function("python3.11", &[("app.py", PYTHON)], memory)),
    ];
    for (name, function) in functions {
        let mut cold = Vec::new();
        for _ in 0..5 {
            world.fleet.retire(&function.arn, "$LATEST", None);
            let started = Instant::now();
            world.invoke(&function, "{}").await;
            cold.push(started.elapsed().as_secs_f64() * 1e3);
        }
        cold.sort_by(f64::total_cmp);
        println!("{name}: cold start {:.1} ms (median of 5)", cold[2]);
        for clients in [1, 16, 64] {
            let started = Instant::now();
            let mut tasks = Vec::new();
            for _ in 0..clients {
                let calls = count / clients;
                let (world, function) = (Arc::clone(&world.fleet), Arc::clone(&function));
                tasks.push(tokio::spawn(async move {
                    for _ in 0..calls {
                        let answer = world.invoke(Arc::clone(&function), invocation("{}")).await;
                        assert!(answer.is_ok_and(|answer| !answer.is_error));
                    }
                }));
            }
            for task in tasks {
                task.await.expect("no panic");
            }
            let each = started.elapsed().as_secs_f64() / count as f64;
            let (idle, ..) = world.fleet.environments(&function.arn, "$LATEST");
            println!(
                "{name}: {clients} clients: {:.1} us each, {:.0}/s, {idle} environments",
                each * 1e6,
                1.0 / each
            );
            world.logs.take();
        }
    }
}
