//! The folder of a database: who has it, which format it has, and how it comes to be, whole or not at all.
//!
//! ```text
//! DATA/NAME/lock             held by the process whose number stands in it
//! DATA/NAME/store/format     the number of the layout: this file's, the engine's and that of the values
//! DATA/NAME/store/engine/    the engine's files
//! DATA/NAME/unfinished/      what becomes store/ by being renamed; removed if a process was killed before that
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::Options;
use crate::engine::{Engine, describe};

mod create;

/// The layout that this program writes and reads.
pub const FORMAT: u32 = 1;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open, or this one does already.
    #[error(
        "the database {path} is in use by process {pid}; stop that server, or choose another data folder"
    )]
    InUse {
        /// Folder of the database.
        path: PathBuf,
        /// Number of the process, as it wrote it down.
        pid: String,
    },
    /// A newer program made it.
    #[error(
        "the database {path} has format {found}, and this program knows formats up to {known}: it was written by a newer version"
    )]
    NewerFormat {
        /// Folder of the database.
        path: PathBuf,
        /// The number that was found.
        found: u32,
        /// The newest number that this program knows.
        known: u32,
    },
    /// There are files, but not those of a database.
    #[error("{path} is not a database of this program: {reason}")]
    NotADatabase {
        /// Folder that should be one.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The disk or the engine failed.
    #[error("the database {path}: {doing}: {reason}")]
    Failed {
        /// Folder of the database.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn failed(path: &Path, doing: &'static str, reason: String) -> OpenError {
        OpenError::Failed { path: path.to_owned(), doing, reason }
    }
}

/// The right to use a folder; given back by the system when the process ends, however it ends.
pub(crate) struct Lock(#[allow(dead_code, reason = "held open for its lock")] File);

/// Opens or creates the database `options.name` in `data`.
pub(crate) fn open(data: &Path, options: &Options) -> Result<Engine, OpenError> {
    let folder = data.join(&options.name);
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if options.name.is_empty() || !options.name.bytes().all(is_name) {
        let reason = format!("{:?} is not a name of a database", options.name);
        return Err(OpenError::NotADatabase { path: folder, reason });
    }
    let failed = |doing: &'static str| {
        let folder = folder.clone();
        move |error: io::Error| OpenError::failed(&folder, doing, error.to_string())
    };
    fs::create_dir_all(&folder).map_err(failed("making its folder"))?;
    let lock = lock(&folder)?;
    let store = folder.join("store");
    if !store.try_exists().map_err(failed("looking for it"))? {
        create::create(data, &folder, &store, options)?;
    }
    match read_format(&folder, &store)? {
        found if found > FORMAT => Err(OpenError::NewerFormat { path: folder, found, known: FORMAT }),
        _ => Engine::open(&store.join("engine"), options, lock)
            .map_err(|error| OpenError::failed(&folder, "opening the engine", describe("fjall")(error))),
    }
}

fn lock(folder: &Path) -> Result<Lock, OpenError> {
    let failed = |error: io::Error| OpenError::failed(folder, "locking it", error.to_string());
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            let pid = if pid.trim().is_empty() { "(unknown)" } else { pid.trim() };
            return Err(OpenError::InUse { path: folder.to_owned(), pid: pid.to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(failed)?;
    Ok(Lock(file))
}

fn read_format(folder: &Path, store: &Path) -> Result<u32, OpenError> {
    let not_ours = |reason: String| OpenError::NotADatabase { path: folder.to_owned(), reason };
    let text = match fs::read_to_string(store.join("format")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(not_ours("it has no file `store/format`".to_owned()));
        }
        Err(error) => return Err(OpenError::failed(folder, "reading the format", error.to_string())),
    };
    let no_number =
        |_| not_ours(format!("its file `store/format` says {:?}, which is not a number", text.trim()));
    text.trim().parse().map_err(no_number)
}

#[cfg(test)]
mod tests;
