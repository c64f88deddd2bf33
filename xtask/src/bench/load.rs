//! Load: a number of connections, each of which sends its next request when its last one was answered, for a fixed time.
//!
//! What always holds: every answer's status and body are compared with what is expected; what is wrong counts as failed, not as answered.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::bench::http::Connection;
use crate::bench::usage;

/// How long the last answers are waited for.
const END_WAIT: Duration = Duration::from_secs(10);

/// What is asked, and what is to be answered.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    pub request: Vec<u8>,
    /// Any of these.
    pub bodies: &'static [&'static [u8]],
    /// Root of the processes whose CPU time is counted.
    pub pid: u32,
}

/// How long, and on how many connections.
#[derive(Clone, Copy)]
pub struct Pressure {
    pub connections: usize,
    /// Not measured.
    pub warm: Duration,
    pub measured: Duration,
}

/// One leg's numbers.
#[derive(Clone, Debug)]
pub struct Leg {
    pub per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// CPU time of the server, in microseconds per answer.
    pub server_us: f64,
    /// CPU time of the functions that it started, in microseconds per answer.
    pub functions_us: f64,
    /// CPU time of this client, in microseconds per answer.
    pub client_us: f64,
    pub failed: u64,
    /// What the first wrong answer was.
    pub failure: Option<String>,
}

#[derive(Default)]
struct Counts {
    is_measuring: Cell<bool>,
    is_over: Cell<bool>,
    answered: Cell<u64>,
    failed: Cell<u64>,
    failure: RefCell<Option<String>>,
    /// In nanoseconds.
    latencies: RefCell<Vec<u32>>,
}

/// Runs one leg.
pub async fn run(target: &Target, pressure: Pressure) -> Result<Leg> {
    let local = tokio::task::LocalSet::new();
    local.run_until(leg(target, pressure)).await
}

async fn leg(target: &Target, pressure: Pressure) -> Result<Leg> {
    let counts = Rc::new(Counts::default());
    let mut connections = Vec::new();
    for _ in 0..pressure.connections {
        connections.push(Connection::open(target.address).await?);
    }
    let target = Rc::new(target.clone());
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::task::spawn_local(ask(connection, Rc::clone(&target), Rc::clone(&counts))))
        .collect();
    tokio::time::sleep(pressure.warm).await;
    let cpu = usage::tree_cpu(target.pid)?;
    let own = usage::cpu(std::process::id())?;
    counts.is_measuring.set(true);
    let begun = Instant::now();
    tokio::time::sleep(pressure.measured).await;
    let (seconds, answered) = (begun.elapsed().as_secs_f64(), counts.answered.get());
    counts.is_measuring.set(false);
    let own = usage::cpu(std::process::id())?.saturating_sub(own);
    let [server, functions] = usage::tree_cpu(target.pid)?;
    counts.is_over.set(true);
    for task in tasks {
        tokio::time::timeout(END_WAIT, task).await.context("an answer did not come")???;
    }
    let failure = counts.failure.borrow_mut().take();
    ensure!(answered > 0, "nothing was answered: {}", failure.unwrap_or_default());
    let mut latencies = counts.latencies.take();
    latencies.sort_unstable();
    let at = |share: f64| f64::from(latencies[((latencies.len() - 1) as f64 * share) as usize]) / 1000.0;
    let each_us = |time: Duration| time.as_secs_f64() * 1e6 / answered as f64;
    Ok(Leg {
        per_second: answered as f64 / seconds,
        p50_us: at(0.50),
        p99_us: at(0.99),
        server_us: each_us(server.saturating_sub(cpu[0])),
        functions_us: each_us(functions.saturating_sub(cpu[1])),
        client_us: each_us(own),
        failed: counts.failed.get(),
        failure,
    })
}

async fn ask(mut connection: Connection, target: Rc<Target>, counts: Rc<Counts>) -> Result<()> {
    while !counts.is_over.get() {
        let begun = Instant::now();
        let status = connection.exchange(&target.request).await?;
        let took = begun.elapsed();
        if status != 200 || !target.bodies.contains(&connection.body()) {
            counts.failed.set(counts.failed.get() + 1);
            let told =
                || String::from_utf8_lossy(&[connection.head(), connection.body()].concat()).into_owned();
            counts.failure.borrow_mut().get_or_insert_with(told);
        } else if counts.is_measuring.get() {
            counts.answered.set(counts.answered.get() + 1);
            counts.latencies.borrow_mut().push(u32::try_from(took.as_nanos()).unwrap_or(u32::MAX));
        }
        if counts.failed.get() > 1_000 {
            break; // Failing is quick; it must not become a flood.
        }
    }
    Ok(())
}
