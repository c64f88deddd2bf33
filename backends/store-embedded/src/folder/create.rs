//! How a database comes to be.
//!
//! The engine syncs some forty times while it makes its empty files one after the other, which takes 140 ms on an ordinary disk. So it makes
//! them in memory where the system has a place for that; they are copied, and synced side by side, which takes a few syncs' time. Only
//! then does a rename make a database of them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{FORMAT, OpenError};
use crate::Options;
use crate::engine::{Engine, describe};

/// Where files are in memory, and syncs free.
const MEMORY: &str = "/dev/shm";
/// What the folders there are called, before the number of the process and a number within it.
const SCRATCH_PREFIX: &str = "loggia-store-";

/// Makes the empty database `store` in `folder`, which is in `data`.
pub(super) fn create(data: &Path, folder: &Path, store: &Path, options: &Options) -> Result<(), OpenError> {
    let failed =
        |doing: &'static str| move |error: io::Error| OpenError::failed(folder, doing, error.to_string());
    let unfinished = folder.join("unfinished");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("removing what is unfinished")(error));
        }
        _ => {}
    }
    fs::create_dir(&unfinished).map_err(failed("making a folder"))?;
    let engine = unfinished.join("engine");
    if create_in_memory(&engine, options).is_none() {
        let _ = fs::remove_dir_all(&engine);
        Engine::create(&engine, options).map_err(|error| {
            OpenError::failed(folder, "making the engine's files", describe("fjall")(error))
        })?;
    }
    fs::write(unfinished.join("format"), format!("{FORMAT}\n")).map_err(failed("writing the format"))?;
    if options.ephemeral {
        return fs::rename(&unfinished, store).map_err(failed("naming it"));
    }
    sync_all_of(&unfinished).map_err(failed("syncing it"))?;
    fs::rename(&unfinished, store).map_err(failed("naming it"))?;
    // Its folder may be new too, and the data folder.
    let above = data.parent().filter(|above| !above.as_os_str().is_empty());
    for folder in [Some(folder), Some(data), above].into_iter().flatten() {
        sync(folder).map_err(failed("syncing its folder"))?;
    }
    Ok(())
}

/// Makes the engine's files in memory and copies them to `engine`. `None` if that cannot be done here, for whatever reason.
fn create_in_memory(engine: &Path, options: &Options) -> Option<()> {
    let scratch = Scratch::new().ok()?;
    Engine::create(&scratch.0, options).ok()?;
    copy_folder(&scratch.0, engine).ok()
}

/// A folder in memory that nobody else may look into, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Scratch> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Scratch::sweep()?;
        let name = format!("{SCRATCH_PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(MEMORY).join(name);
        // Fails if there is something of that name, whoever put it there.
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Scratch(path))
    }

    /// Removes what processes left that were killed meanwhile.
    fn sweep() -> io::Result<()> {
        for entry in fs::read_dir(MEMORY)? {
            let entry = entry?;
            let name = entry.file_name();
            let numbers = name.to_str().and_then(|name| name.strip_prefix(SCRATCH_PREFIX));
            if let Some((pid, _)) = numbers.and_then(|numbers| numbers.split_once('-'))
                && !Path::new("/proc").join(pid).exists()
            {
                // Another user's cannot be removed, and need not be.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&from, &to)?;
        } else if is_empty_journal(&from)? {
            File::create_new(&to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// The engine begins a journal with 64 MiB of nothing, which need not be copied.
fn is_empty_journal(path: &Path) -> io::Result<bool> {
    if path.extension().is_none_or(|extension| extension != "jnl") {
        return Ok(false);
    }
    let mut first = [0; 1];
    Ok(File::open(path)?.read(&mut first)? == 0 || first == [0])
}

/// Syncs a folder and all in it. The syncs wait for the disk side by side, and the file system makes few of the many.
fn sync_all_of(folder: &Path) -> io::Result<()> {
    let mut paths = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = paths.get(next).cloned() {
        next += 1;
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                paths.push(entry?.path());
            }
        }
    }
    std::thread::scope(|scope| {
        let syncs: Vec<_> = paths.iter().map(|path| scope.spawn(|| sync(path))).collect();
        syncs
            .into_iter()
            .try_for_each(|sync| sync.join().unwrap_or_else(|_| Err(io::Error::other("a sync panicked"))))
    })
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
