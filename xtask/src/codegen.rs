//! `cargo xtask codegen`: compact models and the structs of the implemented operations.
//!
//! Without `--models` it reads only committed files, so it works without a network and gives the same bytes everywhere.
//! `--check` writes nothing and fails when a committed file differs from what would be written.

mod models;
mod structs;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs the command with its arguments.
pub fn run(root: &Path, args: &[String]) -> anyhow::Result<()> {
    let mut check = false;
    let mut download = false;
    for arg in args {
        match arg.as_str() {
            "--check" => check = true,
            "--models" => download = true,
            other => bail!("codegen: unknown argument {other}"),
        }
    }
    if download {
        models::derive(root)?;
    }
    let mut stale = Vec::new();
    for (path, text) in models::with_overlays(root)? {
        settle(&path, &text, check, &mut stale)?;
    }
    for service in services(root)? {
        let folder = root.join("services").join(&service);
        let model = models::read(root, &service)?;
        let operations = std::fs::read_to_string(folder.join("operations.txt"))?;
        let text = structs::generate(&service, &model, &parse_operations(&service, &operations)?)?;
        settle(&folder.join("src/generated.rs"), &rustfmt(root, &text)?, check, &mut stale)?;
    }
    if !stale.is_empty() {
        bail!("not current, run `cargo xtask codegen`:\n  {}", stale.join("\n  "));
    }
    Ok(())
}

/// Writes `text` to `path` if it is not what is there; in a check only notes the difference.
fn settle(path: &Path, text: &str, check: bool, stale: &mut Vec<String>) -> anyhow::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if check {
        stale.push(path.display().to_string());
        return Ok(());
    }
    println!("writing {}", path.display());
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

/// The services that say which operations they implement.
fn services(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("services"))? {
        let path: PathBuf = entry?.path();
        if path.join("operations.txt").is_file() {
            let name = path.file_name().context("a folder of services/ has a name")?;
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// One operation per line, alphabetical, no duplicates; `#` starts a comment.
fn parse_operations(service: &str, text: &str) -> anyhow::Result<Vec<String>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let operations: Vec<String> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if let Some(pair) = operations.windows(2).find(|pair| pair[0] >= pair[1]) {
        bail!("services/{service}/operations.txt: {} stands before {}: sort it", pair[0], pair[1]);
    }
    Ok(operations)
}

fn rustfmt(root: &Path, text: &str) -> anyhow::Result<String> {
    use std::io::Write;
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .arg("--config-path")
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start rustfmt")?;
    let mut stdin = child.stdin.take().context("rustfmt takes its input from a pipe")?;
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the thread that feeds rustfmt panicked"))??;
    if !output.status.success() {
        bail!("rustfmt refuses the generated code");
    }
    Ok(String::from_utf8(output.stdout)?)
}
