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

/// Loads Python handlers; for Python 3.8 and later.
pub const PYTHON: Bootstrap =
    Bootstrap { file: "bootstrap.py", text: include_str!("../python/bootstrap.py") };

/// Writes every bootstrap into `folder`, which is created when missing. A file that already has the right text is left alone.
///
/// # Errors
/// What the file system answers; a file is replaced by renaming, so it is never half written.
pub fn write_bootstraps(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for bootstrap in [NODE, PYTHON] {
        let path = folder.join(bootstrap.file);
        if std::fs::read(&path).is_ok_and(|found| found == bootstrap.text.as_bytes()) {
            continue;
        }
        let next = folder.join(format!(".{}.{}", bootstrap.file, std::process::id()));
        std::fs::write(&next, bootstrap.text)?;
        std::fs::rename(&next, &path)?;
    }
    Ok(())
}
