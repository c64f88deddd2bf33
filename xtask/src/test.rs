//! `cargo xtask test`: everything that CI checks, in CI's order. Stops at the first thing that fails.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::clients;

/// Runs tidy, formatting, clippy, codegen's check, every Rust test, and the real clients against a release binary.
pub fn run(root: &Path, rest: &[String]) -> Result<()> {
    ensure!(rest.is_empty(), "usage: cargo xtask test");
    crate::tidy::run(root)?;
    crate::codegen::run(root, &["--check".to_owned()])?;
    cargo(root, &["fmt", "--all", "--check"])?;
    cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    cargo(root, &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])?;
    clients::run(root, &[])
}

/// Runs cargo and fails if it fails.
pub fn cargo(root: &Path, args: &[&str]) -> Result<()> {
    eprintln!("$ cargo {}", args.join(" "));
    let status = Command::new("cargo").args(args).current_dir(root).status().context("starting cargo")?;
    ensure!(status.success(), "cargo {} failed", args.join(" "));
    Ok(())
}
