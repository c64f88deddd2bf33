//! What a run found, as Markdown: medians, ratios, and whether each target was reached.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::cold::Starts;
use crate::bench::load::Leg;
use crate::bench::{Legs, Subject};

/// Most times the bare interpreter's start that a cold start may take.
const COLD_MAX: f64 = 1.6;
/// Longest start of the server, in milliseconds.
const START_MS_MAX: f64 = 100.0;
/// Most memory of the idle server, in MB.
const IDLE_MB_MAX: f64 = 30.0;

/// PSS in kilobytes and number of processes: Loggia's own, the others.
pub struct Memory {
    pub idle: [(u64, usize); 2],
    pub used: Option<[(u64, usize); 2]>,
}

/// The machine and the versions.
pub fn machine(root: &Path, binary: &Path, node: &(PathBuf, String), python: &(PathBuf, String)) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = read("/proc/meminfo");
    let memory_kb: u64 =
        memory.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root).output();
    let commit =
        commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let profile =
        binary.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let size = fs::metadata(binary).map_or(0, |data| data.len());
    format!(
        "Machine: {cores} cores ({}), {:.0} GB of memory, Linux {}, load {} when the run began.\n\
         Loggia: commit {commit}, profile {profile}, {:.1} MB. Node.js {}, Python {}.\n",
        model.trim_start_matches([' ', '\t', ':']).trim(),
        memory_kb as f64 / 1e6,
        read("/proc/sys/kernel/osrelease").trim(),
        read("/proc/loadavg").split(' ').next().unwrap_or_default(),
        size as f64 / 1e6,
        node.1,
        python.1,
    )
}

/// The middle one, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => f64::midpoint(values[len / 2 - 1], values[len / 2]),
    }
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "**missed**" }
}

/// The table of what was put under load.
pub fn load(subjects: &[Subject], all: &[(usize, usize, Legs)]) -> String {
    let legs = |at: usize, connections: usize| {
        let found = all.iter().find(|(subject, number, _)| (*subject, *number) == (at, connections));
        found.map_or(&[][..], |(_, _, legs)| legs.as_slice())
    };
    let of = |at: usize, connections: usize, what: fn(&Leg) -> f64| {
        median(legs(at, connections).iter().flatten().map(what).collect())
    };
    let mut out = "| | connections | requests/s | of the bare server's | target | p50 µs | times the bare server's | target | p99 µs \
                   | server's CPU µs | functions' CPU µs | client's CPU µs |\n|---|--:|--:|--:|---|--:|--:|---|--:|--:|--:|--:|\n"
        .to_owned();
    let mut notes = String::new();
    for (at, connections, own) in all {
        let (subject, connections) = (&subjects[*at], *connections);
        let (rate, p50) =
            (of(*at, connections, |leg| leg.per_second), of(*at, connections, |leg| leg.p50_us));
        let mut cells = [const { String::new() }; 4];
        if let Some(yardstick) = subject.yardstick {
            let share = rate / of(yardstick, connections, |leg| leg.per_second);
            let times = p50 / of(yardstick, connections, |leg| leg.p50_us);
            cells[0] = format!("{share:.2}");
            cells[2] = format!("{times:.2}");
            if let Some((least, _)) = subject.share_min.filter(|(_, from)| connections >= *from) {
                cells[1] = format!("≥ {least:.2} {}", verdict(share >= least));
            }
            if let Some(most) = subject.latency_max.filter(|_| connections == 1) {
                cells[3] = format!("≤ {most} {}", verdict(times <= most));
            }
        }
        let (p99, cpu) = (of(*at, connections, |leg| leg.p99_us), of(*at, connections, |leg| leg.server_us));
        let functions = of(*at, connections, |leg| leg.functions_us);
        let client = of(*at, connections, |leg| leg.client_us);
        let [share, share_target, times, times_target] = cells;
        let _ = writeln!(
            out,
            "| {} | {connections} | {rate:.0} | {share} | {share_target} | {p50:.0} | {times} | {times_target} | {p99:.0} | {cpu:.1} | {functions:.1} | {client:.1} |",
            subject.name
        );
        for leg in own {
            let (failed, text) = match leg {
                Ok(leg) if leg.failed == 0 => continue,
                Ok(leg) => (leg.failed, leg.failure.clone().unwrap_or_default()),
                Err(text) => (0, text.clone()),
            };
            let _ = writeln!(
                notes,
                "{}, {connections} connections: {failed} wrong answers: {text}",
                subject.name
            );
        }
    }
    out + "\n" + &notes
}

fn share_of(sorted: &[f64], share: f64) -> f64 {
    sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The table of starts, and memory.
pub fn cold(cold: &[Starts], servers: &[Vec<f64>; 2], memory: &Memory) -> String {
    let mut out =
        "| cold start | p50 ms | p95 ms | bare p50 ms | bare p95 ms | p50 ratio | p95 ratio | target |\n\
                   |---|--:|--:|--:|--:|--:|--:|---|\n"
            .to_owned();
    for starts in cold {
        let (ours, bare) = (&starts.ours_ms, &starts.bare_ms);
        let [p50, p95, bare50, bare95] =
            [(ours, 0.5), (ours, 0.95), (bare, 0.5), (bare, 0.95)].map(|(list, at)| share_of(list, at));
        let _ = writeln!(
            out,
            "| {}, {} times | {p50:.1} | {p95:.1} | {bare50:.1} | {bare95:.1} | {:.2} | {:.2} | ≤ {COLD_MAX} {} |",
            starts.what,
            ours.len(),
            p50 / bare50,
            p95 / bare95,
            verdict(p50 / bare50 <= COLD_MAX)
        );
    }
    out += "\n| | | target |\n|---|--:|---|\n";
    for (what, list) in ["ephemeral", "new data folder"].iter().zip(servers) {
        let (p50, last) = (share_of(list, 0.5), share_of(list, 1.0));
        let _ = writeln!(
            out,
            "| server's start until it answers, {what}: p50 (slowest of {}) | {p50:.0} ms ({last:.0}) | < {START_MS_MAX} ms {} |",
            list.len(),
            verdict(p50 < START_MS_MAX)
        );
    }
    let mb = |kilobytes: u64| kilobytes as f64 * 1024.0 / 1e6;
    let [(own, processes), _] = memory.idle;
    let _ = writeln!(
        out,
        "| idle memory, PSS of {processes} processes | {:.1} MB | < {IDLE_MB_MAX} MB {} |",
        mb(own),
        verdict(mb(own) < IDLE_MB_MAX)
    );
    if let Some([(own, processes), (functions, number)]) = memory.used {
        let _ = writeln!(out, "| after the load, Loggia's own {processes} processes | {:.1} MB | |", mb(own));
        let _ =
            writeln!(out, "| after the load, {number} processes of functions | {:.1} MB | |", mb(functions));
    }
    out
}
