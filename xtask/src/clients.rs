//! `cargo xtask clients`: the real tools (aws CLI, boto3) against the release binary.
//!
//! The tools are installed once, pinned by `clients/requirements.txt`, into a virtual environment below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::test::cargo;

/// Builds the release binary and runs pytest over `clients/`; further arguments go to pytest.
pub fn run(root: &Path, rest: &[String]) -> Result<()> {
    cargo(root, &["build", "--release", "--locked", "--package", "loggia"])?;
    let python = environment(root)?;
    let status = Command::new(&python)
        .args(["-m", "pytest", "-q", "clients"])
        .args(rest)
        .current_dir(root)
        .env("LOGGIA_BINARY", target(root).join("release/loggia"))
        .status()
        .context("starting pytest")?;
    ensure!(status.success(), "the client tests failed");
    Ok(())
}

/// The Python of an environment that has exactly the pinned tools.
pub fn environment(root: &Path) -> Result<PathBuf> {
    let folder = target(root).join("clients");
    let python = folder.join("bin/python");
    let wanted = fs::read_to_string(root.join("clients/requirements.txt"))
        .context("reading clients/requirements.txt")?;
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let run = |program: &Path, args: &[&str]| -> Result<()> {
        let status = Command::new(program).args(args).current_dir(root).status();
        let status = status.with_context(|| format!("starting {}", program.display()))?;
        ensure!(status.success(), "{} {} failed", program.display(), args.join(" "));
        Ok(())
    };
    let path = folder.to_str().context("the target folder's name is no text")?;
    run(Path::new("python3"), &["-m", "venv", "--clear", path])?;
    run(
        &python,
        &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "clients/requirements.txt"],
    )?;
    fs::write(stamp, wanted).context("remembering what is installed")?;
    Ok(python)
}

/// Where cargo builds.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
