//! Measures the embedded store: `commit_rate [writers|reads|open|idle] [FOLDER]`, all of them without an argument.
//!
//! Durable commits of 1 KB per second with 1 and with 64 writers, reads per second, how long opening takes with how much in the store, and
//! what an open store adds to the memory of the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kernel::key::Key;
use kernel::store::{Batch, Range, Store};
use store_embedded::{EmbeddedStore, Options};

const VALUE_BYTES: usize = 1024;
const MEASURE: Duration = Duration::from_secs(5);

type Anything<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Anything<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let folder = arguments.next().map_or_else(
        || std::env::temp_dir().join(format!("commit_rate-{}", std::process::id())),
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let is_asked = |name: &str| what.is_empty() || what == name;
    if is_asked("idle") {
        runtime.block_on(idle(&folder))?;
    }
    if is_asked("writers") {
        for (writers, ephemeral) in [(1, false), (16, false), (64, false), (64, true)] {
            runtime.block_on(writes(&folder, writers, ephemeral))?;
        }
    }
    if is_asked("reads") {
        runtime.block_on(reads(&folder))?;
    }
    if is_asked("open") {
        runtime.block_on(open(&folder))?;
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn record(number: u64) -> Batch {
    // Bytes that compress no better than real ones would.
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let value: Vec<u8> = (0..VALUE_BYTES)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    Batch { puts: vec![(Key::new().text("record").number(number), Bytes::from(value))], ..Batch::default() }
}

async fn writes(folder: &Path, writers: u64, ephemeral: bool) -> Anything<()> {
    let name = format!("writers-{writers}{}", if ephemeral { "-ephemeral" } else { "" });
    let store = Arc::new(EmbeddedStore::open(folder, Options { ephemeral, ..Options::new(&name) })?);
    let next = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (store, next) = (store.clone(), next.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while begin.elapsed() < MEASURE {
                    let batch = record(next.fetch_add(1, Ordering::Relaxed));
                    let start = Instant::now();
                    store.commit(batch).await?;
                    latencies.push(start.elapsed());
                }
                Anything::Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = begin.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: {:.0} commits/s of {VALUE_BYTES} bytes; p50 {:?} p99 {:?} p99.9 {:?} max {:?}; PSS {} KB",
        latencies.len() as f64 / elapsed.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        pss_kb()?
    );
    Ok(())
}

async fn reads(folder: &Path) -> Anything<()> {
    for records in [10_000, 200_000] {
        let store = filled(folder, &format!("reads-{records}"), records).await?;
        for threads in [1, 2] {
            let begin = Instant::now();
            let tasks: Vec<_> = (0..threads)
                .map(|task| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        let (mut number, mut count) = (task, 0_u64);
                        while begin.elapsed() < MEASURE / 2 {
                            number = (number * 7919 + 13) % records;
                            let key = Key::new().text("record").number(number);
                            let found = store.snapshot().get(&key).await?;
                            found.ok_or("a record is missing")?;
                            count += 1;
                        }
                        Anything::Ok(count)
                    })
                })
                .collect();
            let mut count = 0;
            for task in tasks {
                count += task.await??;
            }
            println!(
                "{records} records, {threads} readers: {:.0} snapshot+get/s",
                count as f64 / begin.elapsed().as_secs_f64()
            );
        }
        let begin = Instant::now();
        let found = store.snapshot().range(Range::prefix(&Key::new().text("record"), 10_000)).await?.len();
        println!("{records} records: a range of {found} takes {:?}", begin.elapsed());
    }
    Ok(())
}

async fn open(folder: &Path) -> Anything<()> {
    for records in [0, 1000, 10_000, 60_000, 200_000] {
        let name = format!("open-{records}");
        let begin = Instant::now();
        drop(EmbeddedStore::open(folder, Options::new(&name))?);
        let created = begin.elapsed();
        drop(filled(folder, &name, records).await?);
        let mut took = Vec::new();
        for _ in 0..7 {
            let begin = Instant::now();
            let store = EmbeddedStore::open(folder, Options::new(&name))?;
            took.push(begin.elapsed());
            drop(store);
        }
        took.sort_unstable();
        println!(
            "{records} records: created and closed in {created:?}, opens in {:?} (median of 7, most {:?})",
            took[3], took[6]
        );
    }
    Ok(())
}

async fn idle(folder: &Path) -> Anything<()> {
    drop(filled(folder, "idle-10000", 10_000).await?);
    let before = pss_kb()?;
    let first = EmbeddedStore::open(folder, Options::new("idle-0"))?;
    let one = pss_kb()?;
    let second = EmbeddedStore::open(folder, Options::new("idle-0-too"))?;
    let two = pss_kb()?;
    let third = EmbeddedStore::open(folder, Options::new("idle-10000"))?;
    let three = pss_kb()?;
    println!(
        "PSS: {before} KB before, {one} with an empty store, {two} with two, {three} with one of 10,000 records more"
    );
    drop((first, second, third));
    Ok(())
}

async fn filled(folder: &Path, name: &str, records: u64) -> Anything<Arc<EmbeddedStore>> {
    let store = Arc::new(EmbeddedStore::open(folder, Options::new(name))?);
    for start in (0..records).step_by(500) {
        let mut batch = Batch::default();
        for number in start..(start + 500).min(records) {
            batch.puts.extend(record(number).puts);
        }
        store.commit(batch).await?;
    }
    Ok(store)
}

/// This process's share of memory, KB, of which pages are shared is counted in parts.
fn pss_kb() -> Anything<u64> {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("no Pss in smaps_rollup")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
