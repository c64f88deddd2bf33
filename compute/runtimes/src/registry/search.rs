//! Finds interpreters: the folders where systems and version managers put them, real executables only.
//!
//! What always holds: bounded work (named limits), no process is started unless neither file name nor path tells the version, and
//! then it has [`VERSION_TIMEOUT`]; an unreadable folder is skipped.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Family, Interpreter, Interpreters};

/// Most folders looked into.
const FOLDERS_MAX: usize = 400;
/// Longest wait for `--version`.
const VERSION_TIMEOUT: Duration = Duration::from_secs(2);

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The value of `PATH`.
    pub path: String,
    /// The home folder whose version managers are asked.
    pub home: Option<PathBuf>,
    /// The system's folders; they come first.
    pub system: Vec<PathBuf>,
}

impl Search {
    /// This process's `PATH` and `HOME`, and the usual system folders.
    pub fn this_machine() -> Search {
        Search {
            path: std::env::var("PATH").unwrap_or_default(),
            home: std::env::var_os("HOME").map(PathBuf::from),
            system: ["/usr/bin", "/usr/local/bin", "/usr/local/n/versions/node/*/bin", "/opt/*/bin"]
                .map(PathBuf::from)
                .to_vec(),
        }
    }

    fn folders(&self) -> Vec<PathBuf> {
        // pyenv, nvm, n, fnm, volta, asdf, mise, uv, rye, Homebrew: each one's own place for installed versions.
        const UNDER_HOME: &[&str] = &[
            ".pyenv/versions/*/bin",
            ".nvm/versions/node/*/bin",
            "n/bin",
            ".n/bin",
            "n/n/versions/node/*/bin",
            ".local/share/fnm/node-versions/*/installation/bin",
            ".volta/tools/image/node/*/bin",
            ".asdf/installs/nodejs/*/bin",
            ".asdf/installs/python/*/bin",
            ".local/share/mise/installs/node/*/bin",
            ".local/share/mise/installs/python/*/bin",
            ".local/share/uv/python/*/bin",
            ".rye/py/*/bin",
        ];
        let mut folders = Vec::new();
        for pattern in &self.system {
            expand(pattern, &mut folders);
        }
        folders.extend(std::env::split_paths(&self.path).filter(|folder| folder.is_absolute()));
        if let Some(home) = &self.home {
            for pattern in UNDER_HOME {
                expand(&home.join(pattern), &mut folders);
            }
        }
        folders.truncate(FOLDERS_MAX);
        folders
    }
}

/// `pattern` with its one `*` replaced by each folder that is there, in the order of their names.
fn expand(pattern: &Path, folders: &mut Vec<PathBuf>) {
    let text = pattern.to_string_lossy();
    let Some((before, after)) = text.split_once("/*/") else {
        folders.push(pattern.to_owned());
        return;
    };
    let Ok(entries) = std::fs::read_dir(before) else { return };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    names.sort();
    folders.extend(names.into_iter().take(FOLDERS_MAX).map(|folder| folder.join(after)));
}

/// Looks for interpreters. Blocking; some milliseconds, more when a version has to be asked for.
pub fn find_interpreters(search: &Search) -> Interpreters {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for folder in search.folders() {
        for (name, family) in candidates(&folder) {
            let Ok(path) = folder.join(name).canonicalize() else { continue };
            if !seen.insert(path.clone()) || !is_interpreter(&path, family) {
                continue;
            }
            let version = version_of_path(&path, family).or_else(|| ask_version(&path));
            if let Some(version) = version {
                found.push(Interpreter { family, version, mount: mount_of(&path), path });
            }
        }
    }
    Interpreters { found }
}

fn candidates(folder: &Path) -> Vec<(String, Family)> {
    let mut names = vec![("node".to_owned(), Family::Node), ("python3".to_owned(), Family::Python)];
    names.extend((8..=30).map(|minor| (format!("python3.{minor}"), Family::Python)));
    names.retain(|(name, _)| folder.join(name).symlink_metadata().is_ok());
    names
}

/// An ELF file with an interpreter's name: a shim is a script, or a binary of the version manager's name.
fn is_interpreter(path: &Path, family: Family) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_named = match family {
        Family::Node => name == "node" || name == "nodejs",
        _ => name.starts_with("python3"),
    };
    let mut magic = [0; 4];
    is_named
        && File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && magic == *b"\x7fELF"
}

/// The version as the path tells it: a folder named `v20.1.2`, `3.12.1` or `cpython-3.12.1-linux`, else `python3.12`'s own name.
fn version_of_path(path: &Path, family: Family) -> Option<(u16, u16, u16)> {
    let folders = path.parent()?.iter().rev().filter_map(|name| {
        let name = name.to_str()?;
        let digits = name.trim_start_matches("cpython-").trim_start_matches("node-").trim_start_matches('v');
        parse_version(digits.split('-').next()?).filter(|_| digits.matches('.').count() >= 2)
    });
    let from_folder = folders.into_iter().next();
    if family == Family::Node {
        return from_folder;
    }
    let from_name = path.file_name()?.to_str()?.strip_prefix("python").and_then(parse_version);
    match (from_folder, from_name) {
        // `python3` alone tells no minor version.
        (Some(folder), Some(name)) if name.1 == 0 || (folder.0, folder.1) == (name.0, name.1) => Some(folder),
        (_, Some(name)) if name.1 != 0 => Some(name),
        _ => None,
    }
}

fn parse_version(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.trim().split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| &part[..end]);
        digits.parse::<u16>()
    });
    let major = parts.next()?.ok()?;
    let minor = parts.next().and_then(Result::ok).unwrap_or(0);
    let patch = parts.next().and_then(Result::ok).unwrap_or(0);
    Some((major, minor, patch))
}

/// What `--version` answers: `v20.1.2` or `Python 3.12.1`.
fn ask_version(path: &Path) -> Option<(u16, u16, u16)> {
    let mut child = Command::new(path)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut output = child.stdout.take()?;
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let mut text = [0; 64];
        let len = output.read(&mut text).unwrap_or(0);
        // The receiver may have given up waiting.
        let _ = sender.send(String::from_utf8_lossy(&text[..len]).into_owned());
    });
    let answer = receiver.recv_timeout(VERSION_TIMEOUT);
    if answer.is_err() {
        // It may have ended in this moment.
        let _ = child.kill();
    }
    let _ = child.wait();
    parse_version(answer.ok()?.trim().trim_start_matches("Python ").trim_start_matches('v'))
}

/// The installation's own folder, when the system's folders do not hold it already.
fn mount_of(path: &Path) -> Option<PathBuf> {
    if ["/usr", "/bin", "/lib", "/lib64"].iter().any(|system| path.starts_with(system)) {
        return None;
    }
    let folder = path.parent()?;
    let prefix = if folder.ends_with("bin") { folder.parent()? } else { folder };
    Some(prefix.to_owned())
}

#[cfg(test)]
mod tests;
