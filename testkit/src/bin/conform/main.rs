//! `conform PYTHON SERVER [FOLDER…]`: the cases through a real client (boto3) against a real server.
//!
//! The server is started once, on a free port, with nothing in it. Each case acts in an account of its own, whose number takes the place of
//! `000000000000` on the way out and gives it back on the way in, so that no case sees another's resources. Cases that need the clock moved
//! by more than [`WAIT_MS_MAX`], or that name a date near the beginning of the fake clock, are left out and counted; moments in milliseconds
//! are shifted to the present.

mod boto3;
mod server;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use testkit::case::{Action, Case};
use testkit::files::{case_files, folders, read};
use testkit::run::run;

use crate::boto3::Boto3;
use crate::server::Server;

/// How long a case may really wait, in milliseconds.
const WAIT_MS_MAX: u64 = 5000;

fn main() -> ExitCode {
    match conform() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conform: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn conform() -> Result<bool> {
    let mut args = std::env::args().skip(1);
    let (python, program) =
        (args.next().context("PYTHON is missing")?, args.next().context("SERVER is missing")?);
    let wanted: Vec<String> = args.collect();
    let server = Server::start(&program)?;
    let mut client = Boto3::start(&python, &server.address)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("starting a runtime")?;
    let mut count = Count::default();
    for folder in folders() {
        let is_wanted =
            wanted.is_empty() || wanted.iter().any(|name| folder.split('/').any(|part| part == name));
        for path in if is_wanted { case_files(&folder) } else { Vec::new() } {
            let case = match read(&path) {
                Ok(case) => case,
                Err(problem) => {
                    count.failures.push(problem);
                    continue;
                }
            };
            if let Some(why) = left_out(&case, &std::fs::read_to_string(&path).unwrap_or_default()) {
                count.left_out.entry(why).or_default().push(case.path.display().to_string());
                continue;
            }
            client.next_account();
            let report = runtime.block_on(run(&case, &mut client));
            count.cases += 1;
            count.passed += usize::from(report.failures.is_empty());
            count.unsendable += report.unsendable;
            count.failures.extend(report.failures);
            ensure!(client.is_alive(), "the client ended in the middle of {}", case.path.display());
        }
    }
    server.stop()?;
    Ok(count.tell())
}

/// Why a case cannot run for real, if so.
fn left_out(case: &Case, text: &str) -> Option<&'static str> {
    if case.needs_stillness {
        return Some("clock still");
    }
    let waits = case.lines.iter().map(|line| if let Action::Clock(ms) = line.action { ms } else { 0 });
    if waits.sum::<u64>() > WAIT_MS_MAX {
        return Some("clock");
    }
    text.contains("2024-01-0").then_some("fixed date")
}

#[derive(Default)]
struct Count {
    cases: usize,
    passed: usize,
    unsendable: usize,
    failures: Vec<String>,
    left_out: BTreeMap<&'static str, Vec<String>>,
}

impl Count {
    /// Prints everything; true if all went well.
    fn tell(&self) -> bool {
        for failure in &self.failures {
            println!("{failure}\n");
        }
        for (why, names) in &self.left_out {
            println!("left out ({why}): {}", names.join(", "));
        }
        let left_out: usize = self.left_out.values().map(Vec::len).sum();
        println!(
            "boto3: {} of {} cases as expected, {left_out} left out; {} steps that boto3 does not send",
            self.passed, self.cases, self.unsendable
        );
        self.failures.is_empty() && self.cases > 0
    }
}
