//! `cargo xtask tidy`: the house rules that a program can check, in under a second.
//!
//! Every rule names the file and line, and says what to do. Generated files are exempt from size and style, not from the arrows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Longest file, in lines.
const FILE_LINES_MAX: usize = 500;
/// Folders that are not ours or not source.
const FOLDERS_SKIPPED: &[&str] = &["target", ".git", "node_modules", ".venv", ".cache", "vendor"];

/// Which rooms a room may know, by the folder it lies in. What is not named here may know only `foundation`.
const ARROWS: &[(&str, &[&str])] = &[
    ("foundation/wire", &[]),
    ("foundation/sigv4", &[]),
    ("foundation/policy", &[]),
    ("foundation/kernel", &["wire"]),
    ("foundation/access", &["kernel", "policy", "sigv4"]),
    ("foundation/operate", &["access", "kernel", "models", "wire"]),
    ("models", &["wire"]),
    ("services/", &["kernel", "wire", "policy", "sigv4", "plan"]),
    ("gateway/plan", &["kernel", "policy"]),
    ("gateway", &["access", "kernel", "models", "operate", "plan", "policy", "sigv4", "wire"]),
    ("edge", &["access", "kernel", "wire", "models", "operate", "sigv4"]),
    ("compute/sandbox", &[]),
    ("compute/runtimes", &[]),
    ("compute/fleet", &["kernel", "sandbox", "runtimes"]),
    ("backends/store-memory", &["kernel"]),
    ("backends/", &["kernel", "store-memory"]),
];

/// Rooms in the sense of the arrows: packages of this workspace.
const ROOMS: &[&str] = &[
    "access",
    "apigateway",
    "blobs",
    "cloudwatch",
    "edge",
    "fleet",
    "gateway",
    "iam",
    "kernel",
    "lambda",
    "logs",
    "loggia",
    "models",
    "operate",
    "plan",
    "policy",
    "runtimes",
    "sandbox",
    "sigv4",
    "store-embedded",
    "store-memory",
    "sts",
    "wire",
];

/// Checks the tree and prints what is wrong.
pub fn run(root: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let Ok(text) = fs::read_to_string(path) else { continue };
        if name.ends_with(".rs") {
            check_source(&name, &text, &mut wrong);
        }
        if name.ends_with("Cargo.toml") {
            check_arrows(&name, &text, &mut wrong);
        }
        check_anything(&name, &text, &mut wrong);
    }
    check_operations(root, &mut wrong)?;
    for line in &wrong {
        eprintln!("{line}");
    }
    if !wrong.is_empty() {
        bail!("{} things are untidy", wrong.len());
    }
    println!("tidy: {} files", files.len());
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name();
        if kind.is_dir() && !FOLDERS_SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(&path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn check_source(name: &str, text: &str, wrong: &mut Vec<String>) {
    let is_generated = name.ends_with("generated.rs");
    let test_folders = ["/tests/", "/examples/"];
    let is_test = name.ends_with("tests.rs")
        || name.starts_with("testkit/")
        || test_folders.iter().any(|folder| name.contains(folder));
    if !text.starts_with("//!") {
        wrong.push(format!("{name}:1: begin with `//!`: what the file is, then what always holds"));
    }
    if name.ends_with("/mod.rs") {
        wrong.push(format!("{name}: use foo.rs beside foo/, not mod.rs"));
    }
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX && !is_generated {
        wrong.push(format!("{name}: {lines} lines; split it by subject ({FILE_LINES_MAX} at the most)"));
    }
    let is_time_allowed = ["foundation/kernel/", "loggia/", "xtask/", "testkit/", "compute/sandbox/"]
        .iter()
        .any(|room| name.starts_with(room));
    let is_spawn_allowed = is_time_allowed || name.starts_with("edge/src/listen");
    let mut is_over = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let mut flag = |what: &str| wrong.push(format!("{name}:{}: {what}", at + 1));
        let is_code = !line.starts_with("//");
        if ["TO\x44O", "FIX\x4dE", "XX\x58"].iter().any(|mark| line.contains(&mark.to_string())) {
            flag("say what is missing in docs/fidelity.md, not in a mark");
        }
        // A module of tests at the end of a file.
        is_over |= line.starts_with("mod tests {");
        if !is_code || is_generated || is_test || is_over {
            continue;
        }
        if line.contains(concat!(".unwr", "ap()")) {
            flag("use `?`, or `expect(\"why it cannot fail\")`");
        }
        if line.contains("unsafe ")
            && !name.starts_with("compute/sandbox/")
            && !line.contains("unsafe_code")
            && !line.contains('"')
        {
            flag("`unsafe` only in compute/sandbox");
        }
        if !is_time_allowed && (line.contains("SystemTime::now") || line.contains("Instant::now()")) {
            flag("time comes from kernel::Clock");
        }
        if !is_spawn_allowed && line.contains("tokio::spawn(") {
            flag("use kernel::spawn, which says what happens on a panic");
        }
    }
}

fn check_arrows(name: &str, text: &str, wrong: &mut Vec<String>) {
    let Some((_, known)) = ARROWS.iter().find(|(folder, _)| name.starts_with(folder)) else { return };
    let mut section = "";
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        }
        let room = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if section == "[dependencies]" && ROOMS.contains(&room) && !known.contains(&room) {
            wrong.push(format!(
                "{name}:{}: this room may not know `{room}` (ARCHITECTURE.md, invariants)",
                at + 1
            ));
        }
    }
}

/// Nothing of one machine or workplace stands in the tree.
fn check_anything(name: &str, text: &str, wrong: &mut Vec<String>) {
    for (at, line) in text.lines().enumerate() {
        if ["/home/", "/Users/"].iter().any(|folder| line.contains(folder))
            && !name.ends_with(".json")
            && !name.starts_with("xtask/src/tidy")
        {
            // The user's home inside a sandbox, as on Lambda.
            let is_pattern =
                line.contains("/home/sbx_user1051") || name.ends_with(".case") || name.contains("test");
            if !is_pattern {
                wrong.push(format!("{name}:{}: a path of one machine", at + 1));
            }
        }
    }
}

/// Each implemented operation has a file, and is sorted in its list.
fn check_operations(root: &Path, wrong: &mut Vec<String>) -> Result<()> {
    for service in fs::read_dir(root.join("services"))? {
        let folder = service?.path();
        let Ok(text) = fs::read_to_string(folder.join("operations.txt")) else { continue };
        let names: Vec<&str> =
            text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
        let service = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_sorted() {
            wrong.push(format!("services/{service}/operations.txt: sort it"));
        }
        for name in names {
            let file = folder.join("src/ops").join(snake(name) + ".rs");
            if !file.exists() {
                wrong.push(format!(
                    "services/{service}/operations.txt: {name} has no {}",
                    file.strip_prefix(root).unwrap_or(&file).display()
                ));
            }
        }
    }
    Ok(())
}

/// `CreateRestApi` to `create_rest_api`, as codegen names modules.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_lower = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
        let before_lower = at > 0
            && letters[at - 1].is_uppercase()
            && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_lower || before_lower) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
