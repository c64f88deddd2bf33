//! What can go wrong, each with the step and the object that failed.

use std::io;

/// Why a process was not started, or could not be acted on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself makes no sense; nothing was tried.
    #[error("sandbox: invalid {field}: {reason}")]
    Invalid { field: &'static str, reason: String },
    /// A step failed: `step` names the act and its object, such as `mount /usr read-only`.
    #[error("{step}: {}", errno_name(source))]
    Step { step: String, source: io::Error },
    /// `--sandbox required`, and the machine lacks something essential.
    #[error("the sandbox is required but this machine lacks: {missing}")]
    Incomplete { missing: String },
    /// The helper process that starts sandboxes could not be started or died.
    #[error("the sandbox spawner is not running: {reason}")]
    Spawner { reason: String },
}

impl Error {
    pub(crate) fn step(step: impl Into<String>, source: io::Error) -> Error {
        Error::Step { step: step.into(), source }
    }
}

/// `EPERM` rather than a translated sentence, where the number is a usual one.
pub(crate) fn errno_name(error: &io::Error) -> String {
    let name = match error.raw_os_error() {
        Some(libc::EPERM) => "EPERM",
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::EACCES) => "EACCES",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::ENOSYS) => "ENOSYS",
        Some(libc::ENOSPC) => "ENOSPC",
        Some(libc::EBUSY) => "EBUSY",
        Some(libc::EROFS) => "EROFS",
        Some(libc::ENOTDIR) => "ENOTDIR",
        Some(libc::EEXIST) => "EEXIST",
        Some(libc::ENOMEM) => "ENOMEM",
        Some(libc::EAGAIN) => "EAGAIN",
        Some(libc::ENOEXEC) => "ENOEXEC",
        Some(libc::ELOOP) => "ELOOP",
        Some(libc::E2BIG) => "E2BIG",
        Some(libc::EMFILE) => "EMFILE",
        Some(libc::ENODEV) => "ENODEV",
        Some(libc::EUSERS) => "EUSERS",
        _ => return error.to_string(),
    };
    name.to_owned()
}

/// A failure on the far side: what was being done, and why not. Crosses from the new process as bytes.
#[derive(Debug)]
pub(crate) struct Failure {
    pub step: String,
    pub errno: i32,
}

/// `result.at(|| "mount /proc")`: names the step of an error.
pub(crate) trait At<T> {
    fn at<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T, Failure>;
}

impl<T> At<T> for io::Result<T> {
    fn at<S: Into<String>>(self, step: impl FnOnce() -> S) -> Result<T, Failure> {
        self.map_err(|e| Failure { step: step().into(), errno: e.raw_os_error().unwrap_or(libc::EIO) })
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::step(failure.step, io::Error::from_raw_os_error(failure.errno))
    }
}
