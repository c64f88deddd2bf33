//! Where case files are, and all of them at once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Cloud;
use crate::case::{Case, parse};
use crate::run::run;

/// The project's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("testkit lies in the project's root").to_owned()
}

/// Folders with cases, relative to the root: those of the services, `cases`, and those of the data plane.
pub fn folders() -> Vec<String> {
    let services = fs::read_dir(root().join("services")).into_iter().flatten().flatten();
    let mut folders: Vec<String> = services
        .filter(|service| service.path().join("operations.txt").exists())
        .map(|service| format!("services/{}/cases", service.file_name().to_string_lossy()))
        .collect();
    folders.sort();
    folders.extend(["cases".to_owned(), "cases/execute-api".to_owned()]);
    folders
}

/// The `.case` files of a folder, sorted; none if there is no such folder.
pub fn case_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "case"))
        .collect();
    files.sort();
    files
}

/// Reads a case; its path is shown relative to the root.
pub fn read(path: &Path) -> Result<Case, String> {
    let shown = path.strip_prefix(root()).unwrap_or(path).to_owned();
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", shown.display()))?;
    parse(&shown, &text).map_err(|error| format!("{}:{error}", shown.display()))
}

/// Runs every case of a folder in process, each in a cloud of its own: how many there are, and what is not as expected.
pub fn run_folder(folder: &str) -> (usize, Vec<String>) {
    let files = case_files(folder);
    let mut failures = Vec::new();
    for path in &files {
        match read(path) {
            Ok(case) => failures.extend(run_case(&case)),
            Err(problem) => failures.push(problem),
        }
    }
    (files.len(), failures)
}

/// Runs one case in a cloud of its own.
pub fn run_case(case: &Case) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread starts");
    runtime.block_on(async { run(case, &mut Cloud::new()).await.failures })
}
