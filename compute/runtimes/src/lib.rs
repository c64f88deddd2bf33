//! The managed runtimes: our bootstraps as plain files in the binary, the frames they speak, and which interpreter runs which runtime.
//!
//! What always holds: a bootstrap is one file that needs nothing but its interpreter; it is written to a folder that the sandbox
//! mounts read-only at `/var/runtime`; the frames are described once, in [`frame`]. Nothing here starts a process.
//!
//! Known differences from AWS: response streaming handlers are refused at init with `Runtime.MalformedStreamingHandler`; the
//! bootstraps' own lines in stack traces differ; Python's `LAMBDA_WARNING: Unhandled exception` line is not written.

pub mod frame;
pub mod registry;

use std::io;
use std::path::Path;

/// Name of the environment variable that tells a bootstrap its socket's descriptor. Removed before user code is loaded.
pub const FD_VARIABLE: &str = "LOGGIA_FD";

/// Where the folder of [`write_bootstraps`] has to appear inside a sandbox: error texts of Node.js show the path.
pub const RUNTIME_DIR: &str = "/var/runtime";

/// The bootstrap of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// File name inside [`RUNTIME_DIR`].
    pub file: &'static str,
    /// The file's text.
    pub text: &'static str,
}

/// Loads Node.js handlers, CommonJS and ES modules; for Node.js 18 and later.
pub const NODE: Bootstrap = Bootstrap { file: "bootstrap.cjs", text: include_str!("../node/bootstrap.cjs") };

/// Starts [`PYTHON_RUNTIME`].
pub const PYTHON: Bootstrap =
    Bootstrap { file: "bootstrap.py", text: include_str!("../python/bootstrap.py") };

/// Loads Python handlers; for Python 3.8 and later. Compiled ahead by [`registry::Interpreter::compile_command`].
pub const PYTHON_RUNTIME: Bootstrap =
    Bootstrap { file: "loggia_runtime.py", text: include_str!("../python/loggia_runtime.py") };

/// Writes every bootstrap into `folder`, which is created when missing. A file that already has the right text is left alone.
///
/// # Errors
/// What the file system answers; a file is replaced by renaming, so it is never half written.
pub fn write_bootstraps(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for bootstrap in [NODE, PYTHON, PYTHON_RUNTIME] {
        let path = folder.join(bootstrap.file);
        if std::fs::read(&path).is_ok_and(|found| found == bootstrap.text.as_bytes()) {
            continue;
        }
        let next = folder.join(format!(".{}.{}", bootstrap.file, std::process::id()));
        std::fs::write(&next, bootstrap.text)?;
        std::fs::rename(&next, &path)?;
        // What was compiled from another text, and is used without a look at the text.
        match std::fs::remove_dir_all(folder.join("__pycache__")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bootstraps_are_written_once_and_replaced_when_they_change() {
        let folder = tempfile::tempdir().unwrap();
        let (file, cache) = (folder.path().join(PYTHON_RUNTIME.file), folder.path().join("__pycache__"));
        write_bootstraps(folder.path()).unwrap();
        std::fs::create_dir(&cache).unwrap();
        write_bootstraps(folder.path()).unwrap();
        assert!(cache.exists(), "nothing has changed");
        std::fs::write(&file, "older").unwrap();
        write_bootstraps(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), PYTHON_RUNTIME.text);
        assert!(!cache.exists(), "compiled from the older text");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
