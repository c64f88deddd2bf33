//! What processes use, as `/proc` tells: CPU time and proportional memory.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

/// Linux counts CPU time in `/proc` by hundredths of a second on every architecture that matters here.
const TICK: Duration = Duration::from_millis(10);

struct Stat {
    parent: u32,
    cpu: Duration,
}

/// `utime + stime` of all threads, and the parent.
fn stat(pid: u32) -> Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second member is the program's name in brackets and may hold anything.
    let (_, rest) = text.rsplit_once(") ").context("reading /proc/PID/stat")?;
    let member = |at: usize| rest.split(' ').nth(at).and_then(|text| text.parse::<u32>().ok());
    let (parent, user, system) = (member(1), member(11), member(12));
    let (parent, user, system) =
        (parent.context("parent")?, user.context("utime")?, system.context("stime")?);
    Ok(Stat { parent, cpu: TICK * (user + system) })
}

/// CPU time of one process until now.
pub fn cpu(pid: u32) -> Result<Duration> {
    stat(pid).map(|stat| stat.cpu).with_context(|| format!("reading the CPU time of process {pid}"))
}

/// A process and all that descend from it, itself first.
pub fn tree(root: u32) -> Result<Vec<u32>> {
    Ok(stats(root)?.into_iter().map(|(pid, _)| pid).collect())
}

/// CPU time of a process and of those that descend from it, live, and run the same program; and of those that run others.
pub fn tree_cpu(root: u32) -> Result<[Duration; 2]> {
    let own = program(root);
    let mut sums = [Duration::ZERO; 2];
    for (pid, stat) in stats(root)? {
        sums[usize::from(program(pid) != own)] += stat.cpu;
    }
    Ok(sums)
}

fn stats(root: u32) -> Result<Vec<(u32, Stat)>> {
    let mut known = HashMap::new();
    for entry in fs::read_dir("/proc").context("reading /proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        if let Ok(stat) = stat(pid) {
            known.insert(pid, stat);
        }
    }
    let mut found = vec![(root, known.remove(&root).context("the process has ended")?)];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at].0;
        let children: Vec<u32> =
            known.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid).collect();
        found.extend(children.into_iter().filter_map(|pid| known.remove(&pid).map(|stat| (pid, stat))));
        at += 1;
    }
    Ok(found)
}

/// The program that a process runs.
pub fn program(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// Proportional memory (PSS) in kilobytes, of the processes of a tree that run `own`, and of the others; and their numbers.
pub fn memory(root: u32, own: &Path) -> Result<[(u64, usize); 2]> {
    let own = own.canonicalize().context("finding the program")?;
    let mut sums = [(0, 0); 2];
    for pid in tree(root)? {
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let Some(line) = text.lines().find_map(|line| line.strip_prefix("Pss:")) else { continue };
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().context("reading Pss")?;
        let is_other = program(pid).is_none_or(|program| program != own);
        let sum = &mut sums[usize::from(is_other)];
        *sum = (sum.0 + kilobytes, sum.1 + 1);
    }
    Ok(sums)
}
