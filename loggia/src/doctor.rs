//! `loggia doctor`: what this machine offers for isolating and running functions, and what is missing.

use std::process::ExitCode;

use anyhow::{Context, Result};
use runtimes::registry::{Interpreter, Search, find_interpreters};
use sandbox::{Jail, JailConfig, Mode};

use crate::cli::DoctorFlags;

/// Prints the report. Exit code 1 if functions cannot be fully isolated here.
pub(crate) fn run(flags: &DoctorFlags) -> Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("loggia-doctor-{}", std::process::id()));
    let jail = Jail::new(JailConfig::new("doctor", &folder, Mode::Auto)).context("looking at the machine")?;
    let report = jail.report();
    let interpreters = find_interpreters(&Search::this_machine());
    if flags.json {
        let rows: Vec<_> = report
            .rows
            .iter()
            .map(|row| serde_json::json!({ "name": row.name, "ok": row.ok, "essential": row.is_essential, "detail": row.detail }))
            .collect();
        let found: Vec<_> = interpreters.found.iter().map(shown).collect();
        println!(
            "{}",
            serde_json::json!({ "isolated": report.is_isolated(), "features": rows, "interpreters": found })
        );
    } else {
        println!("{report}");
        println!("Interpreters");
        for interpreter in &interpreters.found {
            println!("  {}", shown(interpreter));
        }
        if interpreters.found.is_empty() {
            println!("  none: install python3 or nodejs to run functions of managed runtimes");
        }
    }
    let is_isolated = report.is_isolated();
    drop(jail);
    // Left empty by the jail; if it is not, it is not ours to remove.
    let _ = std::fs::remove_dir(&folder);
    Ok(if is_isolated { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Such as `Python 3.11 at /usr/bin/python3.11`.
fn shown(interpreter: &Interpreter) -> String {
    let (major, minor, patch) = interpreter.version;
    let patch = if patch == 0 { String::new() } else { format!(".{patch}") };
    format!("{} {major}.{minor}{patch} at {}", interpreter.family, interpreter.path.display())
}
