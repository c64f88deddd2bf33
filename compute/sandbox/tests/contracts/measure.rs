//! What a start costs, against a plain fork and exec. Prints; asserts only what no machine should miss.

use std::time::{Duration, Instant};

use sandbox::Network;

use crate::rig::Rig;

fn median(count: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..count).map(|_| run()).collect();
    times.sort();
    times[count / 2]
}

/// Share of memory that a process accounts for, in KiB.
fn pss(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    text.lines().find_map(|l| l.strip_prefix("Pss:"))?.trim().split(' ').next()?.parse().ok()
}

#[test]
fn a_start_costs_milliseconds() {
    let since = Instant::now();
    let rig = Rig::new();
    let made = since.elapsed();
    println!("{}", rig.jail.report());
    println!("jail made in {made:?}, ready after {:?}", since.elapsed());
    let plain = median(50, || {
        let since = Instant::now();
        std::process::Command::new("/bin/true").status().unwrap();
        since.elapsed()
    });
    let sandboxed = |network| {
        median(50, || {
            let mut spec = rig.spec("/bin/true", &[]);
            spec.network = network;
            spec.cpu_millis = 1000;
            let since = Instant::now();
            let process = rig.jail.start(spec).unwrap();
            process.wait().unwrap();
            since.elapsed()
        })
    };
    let until_exec = median(50, || {
        let spec = rig.spec("/bin/true", &[]);
        let since = Instant::now();
        let process = rig.jail.start(spec).unwrap();
        let elapsed = since.elapsed();
        process.wait().unwrap();
        elapsed
    });
    let (host, isolated) = (sandboxed(Network::Host), sandboxed(Network::Isolated));
    println!(
        "/bin/true, median of 50: plain {plain:?}, sandboxed {host:?} (until exec {until_exec:?}), own network {isolated:?}"
    );
    let process = rig.jail.start(rig.spec("/bin/sleep", &["100"])).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
    let spawner = status.lines().find_map(|l| l.strip_prefix("PPid:")).unwrap().trim().parse().unwrap();
    println!("memory (PSS) in KiB: spawner {:?}, init {:?}", pss(spawner), pss(process.pid()));
    assert!(host < plain + Duration::from_millis(100), "{host:?} against {plain:?}");
}
